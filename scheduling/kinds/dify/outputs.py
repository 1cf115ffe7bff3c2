"""A run's outputs: what of them is kept as its `result`, and what people see: each field cut, its size said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.json_values import MAX_DEPTH, why_not
from scheduling.execution import RunContext

MAX_KEPT = 4 << 20  # bytes as JSON, of all outputs together
MAX_SHOWN = 20_000  # characters of a field


@dataclass(frozen=True)
class ShownField:
    """`text` is at most MAX_SHOWN characters of the value, JSON where it is no text; `size` counts all of them."""

    name: str
    text: str
    size: int

    @property
    def is_cut(self) -> bool:
        return self.size > len(self.text)


def kept(outputs: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The outputs, and in words which of them are left out: those that would make more than MAX_KEPT bytes."""
    result, left_out, room = dict[str, Any](), list[str](), MAX_KEPT
    for name, value in outputs.items():
        if unfit := why_not(value, room, MAX_DEPTH - 1):
            left_out.append(f"The output {name} is left out: it {unfit}")
        else:
            result[name] = value
            room -= len(_text(value).encode("utf-8", "replace"))
    return result, tuple(left_out)


def shown(outputs: Mapping[str, Any], context: RunContext) -> tuple[ShownField, ...]:
    texts = {name: _text(value) for name, value in outputs.items()}
    return tuple(ShownField(name, context.cut(text, MAX_SHOWN), len(text)) for name, text in texts.items())


def sizes(outputs: Mapping[str, Any]) -> str:
    """One line: which outputs came, and how long each is."""
    return (
        ", ".join(f"{name} ({len(_text(value)):,} characters)" for name, value in outputs.items()) or "none"
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
