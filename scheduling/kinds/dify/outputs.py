"""A run's outputs: what is kept of them as its `result`, and what people see: each field cut, with its size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.json_values import MAX_DEPTH, why_unfit
from scheduling.execution import RunContext

MAX_KEPT = 4 << 20  # bytes as JSON, of all outputs together
MAX_SHOWN = 20_000  # characters of a field


@dataclass(frozen=True)
class ShownField:
    """`text` is the value's first MAX_SHOWN characters, as JSON unless it is a text; `size` counts all characters."""

    name: str
    text: str
    size: int

    @property
    def is_cut(self) -> bool:
        return self.size > len(self.text)


def kept(outputs: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the outputs that are kept, and a sentence for each left out: nested too deeply, or over MAX_KEPT bytes."""
    result, left_out, room = dict[str, Any](), list[str](), MAX_KEPT
    for name, value in outputs.items():
        if unfit := why_unfit(value, room, MAX_DEPTH - 1):
            left_out.append(f"The output {name} is left out: it {unfit}")
        else:
            result[name] = value
            room -= len(_text(value).encode("utf-8", "replace"))
    return result, tuple(left_out)


def shown(outputs: Mapping[str, Any], context: RunContext) -> tuple[ShownField, ...]:
    texts = {name: _text(value) for name, value in outputs.items()}
    return tuple(ShownField(name, context.cut(text, MAX_SHOWN), len(text)) for name, text in texts.items())


def sizes(outputs: Mapping[str, Any]) -> str:
    """Return one line that names the outputs and the length of each."""
    return (
        ", ".join(f"{name} ({len(_text(value)):,} characters)" for name, value in outputs.items()) or "none"
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
