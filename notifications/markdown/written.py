"""What a writer makes of a document for one service: blocks of lines that know where they must not be cut."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from .parser import MAX_CHARACTERS, WORD


@dataclass(frozen=True)
class Line:
    """`atoms`: (start, end) of what is not to be cut in two, in order, none inside of another.

    A line holds a line end only within an atom.
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
    """A fence or table whole, or one line of anything else.

    A fence's first and last lines open and close it, and `mark` would, too, where the first is long; a table's first
    two are its head. What is broken out of a line inside of a fence begins with `lead`.
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
    """`is_cut`: there was more than is ever looked at."""

    blocks: tuple[Block, ...]
    is_cut: bool = False

    @cached_property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)


class LineWriter:
    """Puts a line together from text, which may be cut, and atoms."""

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
    """Return a text that is no markdown: only addresses and names are not to be cut."""
    lines = text[:MAX_CHARACTERS].split("\n")
    blocks = (Block("line", (Line(line, tuple(m.span() for m in WORD.finditer(line))),)) for line in lines)
    return Written(tuple(blocks), len(text) > MAX_CHARACTERS)
