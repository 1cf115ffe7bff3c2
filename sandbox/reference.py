"""The SDK's reference, made of its declarations: as JSON, and as the page that `python -m sandbox docs` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Literal

from sandbox.declarations import (
    FUNCTIONS,
    MIB,
    MODULES,
    RESULT_TYPES,
    VARIABLES,
    Function,
    ResultType,
    Variable,
)
from sandbox.gallery import EXAMPLES, Example

Language = Literal["en", "zh"]
TITLES: dict[Language, tuple[str, ...]] = {
    "en": (
        "# SDK reference",
        "[简体中文](sdk.zh-CN.md). Printed by `python -m sandbox docs`; what they are for: [scripts](scripts.md).",
        "## Functions",
        "## Variables",
        "## Modules that need no import",
        "## What `result` may be",
        "## Examples",
    ),
    "zh": (
        "# SDK 参考",
        "[English](sdk.md)。由 `python -m sandbox docs --language zh` 生成；用法说明见[脚本](scripts.zh-CN.md)。",
        "## 函数",
        "## 变量",
        "## 无需 import 的模块",
        "## `result` 的格式",
        "## 示例",
    ),
}

LIMITS: dict[Language, str] = {
    "en": "At most {each} in one call, {total} in all calls of a run.",
    "zh": "单次调用上限：{each}；一次运行的全部调用合计：{total}。",
}


def sdk_docs() -> dict[str, list[dict[str, Any]]]:
    """Return the body of `GET /api/scheduled-tasks/sdk-docs`, which the editor's completion uses as well."""
    return {
        "functions": [
            {
                "name": f.name,
                "signature": f.signature,
                "doc": f.doc,
                "doc_zh": f.doc_zh,
                "example": f.example,
                "max_bytes": {p.name: p.max_bytes for p in f.parameters} if f.is_limited else {},
                "max_total_bytes": f.max_total_bytes if f.is_limited else None,
            }
            for f in FUNCTIONS
        ],
        "variables": [{"name": v.name, "doc": v.doc, "doc_zh": v.doc_zh} for v in VARIABLES],
        "modules": [{"name": m.name, "source": m.source, "example": m.example} for m in MODULES],
        "result_types": [
            {"name": r.name, "doc": r.doc, "doc_zh": r.doc_zh, "example": r.example} for r in RESULT_TYPES
        ],
        "examples": [{**asdict(each), "script": each.script} for each in EXAMPLES],
    }


def page(language: Language) -> str:
    title, lead, functions, variables, modules, results, examples = TITLES[language]
    parts = [title, lead, functions]
    for function in FUNCTIONS:
        parts += [f"### `{function.signature}`", _doc(function, language)]
        parts += [_limits(function, language)] if function.is_limited and function.parameters else []
        parts.append(_code(function.example))
    parts += [variables, "\n".join(f"- `{each.name}`: {_doc(each, language)}" for each in VARIABLES)]
    parts += [modules, "\n".join(f"- `{each.name}`: {', '.join(_calls(each.example))}" for each in MODULES)]
    parts.append(results)
    for result in RESULT_TYPES:
        parts += [f"### {result.name}", _doc(result, language), _code(result.example)]
    parts += [examples, *(part for example in EXAMPLES for part in _example(example, language))]
    return "\n\n".join(parts) + "\n"


def _example(example: Example, language: Language) -> tuple[str, ...]:
    if language == "zh":
        title, description, parameters = example.title_zh, example.description_zh, example.parameters_zh
    else:
        title, description, parameters = example.title, example.description, example.parameters
    given = json.dumps(parameters, ensure_ascii=False, indent=2)
    needs = (f"`script_deps`: `{example.dependencies}`",) if example.dependencies else ()
    script = _code(example.script.rstrip())
    return f"### {title}", description, *needs, f"`input_params`:\n\n```json\n{given}\n```", script


def _doc(declared: Function | Variable | ResultType, language: Language) -> str:
    return declared.doc_zh if language == "zh" else declared.doc


def _limits(function: Function, language: Language) -> str:
    each = ", ".join(f"`{p.name}` {_size(p.max_bytes)}" for p in function.parameters)
    return LIMITS[language].format(each=each, total=_size(function.max_total_bytes))


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= MIB else f"{count >> 10} KiB"


def _code(example: str) -> str:
    return f"```python\n{example}\n```"


def _calls(example: str) -> Iterator[str]:
    return (f"`{call}`" for call in example.split(", "))
