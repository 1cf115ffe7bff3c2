"""A run's outputs for people: each field cut on its own, its size said. The run's `result` keeps them whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_SHOWN = 20_000  # characters of a field


@dataclass(frozen=True)
class ShownField:
    """`text` is at most MOST_SHOWN characters of the value, JSON where it is no text; `size` counts all of them."""

    name: str
    text: str
    size: int

    @property
    def is_cut(self) -> bool:
        return self.size > len(self.text)


def shown(outputs: Mapping[str, Any]) -> tuple[ShownField, ...]:
    texts = {name: _text(value) for name, value in outputs.items()}
    return tuple(ShownField(name, text[:MOST_SHOWN], len(text)) for name, text in texts.items())


def sizes(outputs: Mapping[str, Any]) -> str:
    """One line: which outputs came, and how long each is."""
    return ", ".join(f"{field.name} ({field.size:,} characters)" for field in shown(outputs)) or "none"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
