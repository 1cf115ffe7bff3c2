"""The SDK's reference page, printed from its declarations: `python -m sandbox docs [--language zh]`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

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

Language = Literal["en", "zh"]
TITLES: dict[Language, tuple[str, ...]] = {
    "en": (
        "# SDK reference",
        "[简体中文](sdk.zh-CN.md). Printed by `python -m sandbox docs`; what they are for: [scripts](scripts.md).",
        "## Functions",
        "## Variables",
        "## Modules that need no import",
        "## What `result` may be",
    ),
    "zh": (
        "# SDK 参考",
        "[English](sdk.md)。由 `python -m sandbox docs --language zh` 生成；用法说明见[脚本](scripts.zh-CN.md)。",
        "## 函数",
        "## 变量",
        "## 无需 import 的模块",
        "## `result` 的格式",
    ),
}

LIMITS: dict[Language, str] = {
    "en": "At most {each} in one call, {total} in all calls of a run.",
    "zh": "单次调用上限：{each}；一次运行的全部调用合计：{total}。",
}


def page(language: Language) -> str:
    title, lead, functions, variables, modules, results = TITLES[language]
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
    return "\n\n".join(parts) + "\n"


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
