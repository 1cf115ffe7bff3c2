"""What an import has taken, what was here already, and what it has left, with why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """`taken` and `here` count rows by what they are; `notes` are for the reader to act on."""

    taken: Counter[str] = field(default_factory=Counter)
    here: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def leave(self, what: str, why: object) -> None:
        self.left.append(f"{what}: {why}")

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def lines(self) -> Iterator[str]:
        for what in sorted(self.taken.keys() | self.here.keys()):
            yield f"{what:<20}{self.taken[what]:>8} taken{self.here[what]:>8} here already"
        yield from (f"left    {line}" for line in self.left)
        yield from (f"note    {line}" for line in self.notes)

    def as_json(self) -> dict[str, Any]:
        return {
            "taken": dict(self.taken),
            "here": dict(self.here),
            "left": self.left,
            "notes": self.notes,
        }
