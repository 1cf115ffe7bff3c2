"""A document as written for one service: blocks of lines, which know where they must not be cut."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from .parser import MAX_CHARACTERS, WORD


@dataclass(frozen=True)
class Line:
    """One line. `atoms`: (start, end) of each part that must not be cut in two, in order, none inside another.

    A line contains a line end only within an atom.
    """

    text: str
    atoms: tuple[tuple[int, int], ...] = ()

    def part(self, start: int, end: int, lead: str = "") -> Line:
        first = bisect_left(self.atoms, (start, start))
        last = bisect_right(self.atoms, (end, end), lo=first)
        moved = len(lead) - start
        inside = ((begin + moved, stop + moved) for begin, stop in self.atoms[first:last] if stop <= end)
        return Line(lead + self.text[start:end], tuple(inside))

    def atoms_between(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the atoms that begin after `start` and before `end`."""
        for index in range(bisect_right(self.atoms, (start, len(self.text))), len(self.atoms)):
            if self.atoms[index][0] >= end:
                return
            yield self.atoms[index]


@dataclass(frozen=True)
class Block:
    """A whole fence or table, or one line of anything else.

    A fence's first and last lines open and close it; `mark` can replace a first line that is too long. A table's
    first two lines are its head. When a line inside a fence is broken, each further piece begins with `lead`.
    """

    kind: Literal["fence", "table", "line"]
    lines: tuple[Line, ...]
    mark: str = ""
    lead: str = ""

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class Written:
    """A whole text. `is_cut`: it was longer than MAX_CHARACTERS, and the rest was dropped."""

    blocks: tuple[Block, ...]
    is_cut: bool = False

    @cached_property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)


class LineWriter:
    """Builds a line from text, which may be cut, and atoms, which may not."""

    def __init__(self) -> None:
        self.pieces = list[str]()
        self.atoms = list[tuple[int, int]]()
        self.length = 0

    def add(self, piece: str, *, is_atom: bool = False) -> None:
        if is_atom:
            self.atoms.append((self.length, self.length + len(piece)))
        self.pieces.append(piece)
        self.length += len(piece)

    def line(self, end: str = "") -> Line:
        """Return the line, with `end` instead of its last spaces unless it is blank."""
        text = "".join(self.pieces)
        return Line(text.rstrip(" ") + end if end and text.strip() else text, tuple(self.atoms))


def unmarked(text: str) -> Written:
    """Return a text that is no markdown, in which only addresses and names must not be cut."""
    lines = text[:MAX_CHARACTERS].split("\n")
    blocks = (Block("line", (Line(line, tuple(m.span() for m in WORD.finditer(line))),)) for line in lines)
    return Written(tuple(blocks), len(text) > MAX_CHARACTERS)
