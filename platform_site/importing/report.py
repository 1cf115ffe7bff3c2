"""The report of an import: what it has taken, what was here already, and what it has left and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from common.visible import visible

MAX_IDS, MAX_WORDS = 20, 500
Lines = dict[tuple[str, str], list[Any]]


@dataclass
class Report:
    """The counts of rows by what they are (`taken`, `here`, `left_rows`), and `notes` for the reader to act on.

    A reason or note that applies to several rows of a table appears once, with their old ids.
    """

    taken: Counter[str] = field(default_factory=Counter)
    here: Counter[str] = field(default_factory=Counter)
    left_rows: Counter[str] = field(default_factory=Counter)
    _left: Lines = field(default_factory=dict)
    _notes: Lines = field(default_factory=dict)

    def leave(self, what: str, why: object) -> None:
        """Record that all rows of a kind are left, and why."""
        self._left[what, _plain(why)] = []

    def leave_row(self, what: str, table: str, old_id: Any, why: object) -> None:
        self.left_rows[what] += 1
        self._left.setdefault((table, _plain(why)), []).append(old_id)

    def note(self, text: str, table: str = "", old_id: Any = None) -> None:
        """Add a note, about a row where one is named."""
        ids = self._notes.setdefault((table, _plain(text)), [])
        if table and old_id not in ids:
            ids.append(old_id)

    @property
    def left(self) -> list[str]:
        return [_line(*where, ids) for where, ids in self._left.items()]

    @property
    def notes(self) -> list[str]:
        return [_line(*where, ids) for where, ids in self._notes.items()]

    def lines(self) -> Iterator[str]:
        for what in sorted(self.taken.keys() | self.here.keys() | self.left_rows.keys()):
            here, left = self.here[what], self.left_rows[what]
            yield f"{what:<20}{self.taken[what]:>8} taken{here:>8} here already{left:>8} left"
        yield from (f"left    {line}" for line in self.left)
        yield from (f"note    {line}" for line in self.notes)

    def as_json(self) -> dict[str, Any]:
        return {
            "taken": dict(self.taken),
            "here": dict(self.here),
            "left_rows": dict(self.left_rows),
            "left": self.left,
            "notes": self.notes,
        }


def _line(table: str, text: str, ids: list[Any]) -> str:
    named = ", ".join(_plain(old_id) for old_id in ids[:MAX_IDS])
    more = f" and {len(ids) - MAX_IDS:,} more" if len(ids) > MAX_IDS else ""
    where = f"{table} {named}{more}".strip()
    return f"{where}: {text}" if where else text


def _plain(text: object) -> str:
    """Return the text in one line, without characters that command a terminal."""
    return visible(" ".join(str(text).split()))[:MAX_WORDS]
