"""Shows two texts of several lines beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest

from common.line_diff import LineMatcher

AROUND = 3  # unchanged lines shown beside changed ones
MAX_LINES = 5_000


@dataclass(frozen=True)
class Line:
    """A line of both texts. `old` and `new` are (number, text), None where that side has no such line.

    `gap`: lines were left out before this one.
    """

    old: tuple[int, str] | None
    new: tuple[int, str] | None
    gap: bool = False

    @property
    def is_same(self) -> bool:
        return self.old is not None and self.new is not None and self.old[1] == self.new[1]


def side_by_side(old: str, new: str) -> list[Line]:
    """Return changed lines and AROUND lines on each side of them; nothing for two texts of one line.

    After MAX_LINES there is a gap instead of the rest.
    """
    if "\n" not in old and "\n" not in new:
        return []
    lines = list(islice(_lines(old, new), MAX_LINES + 1))
    return lines if len(lines) <= MAX_LINES else [*lines[:MAX_LINES], Line(None, None, gap=True)]


def _lines(old: str, new: str) -> Iterator[Line]:
    left, right = old.splitlines(), new.splitlines()
    numbered_left, numbered_right = list(enumerate(left, 1)), list(enumerate(right, 1))
    shown = 0  # how far lines of the left side have been handed out
    for group in LineMatcher(left, right).get_grouped_opcodes(AROUND):
        gap = group[0][1] > shown
        for _, from_left, to_left, from_right, to_right in group:
            for pair in zip_longest(numbered_left[from_left:to_left], numbered_right[from_right:to_right]):
                yield Line(*pair, gap=gap)
                gap = False
        shown = group[-1][2]
