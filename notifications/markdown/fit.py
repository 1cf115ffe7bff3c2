"""Fits markdown into a chat's limits: its blocks in parts, each of them well-formed on its own.

`fit` makes only one part more than it returns, and its input is bounded: a hostile megabyte costs no more than its
first parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat

from .sizes import Size, head, is_within, utf8_size
from .written import Block, Line, Written

PARTS = 3
STOPS = ("。", "！", "？", "；", "!", "?", ";", ". ")
NUMBER = "\n\n(1/3)"
# What begins a block where it begins a line: a fence, a heading, a quote, a list, a table, a rule, an underlined title.
OPENS_BLOCK = re.compile(r"`{3}|~{3}|#{1,6}( |$)|[>|<]|[-+*]( |$)|\d{1,9}[.)]( |$)|(=+|-+|[-*_ ]{3,})$")
FENCE = re.compile(r"`{3}|~{3}")
UNSEEN = "\u200b"  # a space of no width


@dataclass(frozen=True)
class Fitted:
    parts: tuple[str, ...]
    cut: bool = False


def fit(
    written: Written, limit: int, *, size: Size = utf8_size, max_parts: int = PARTS, tail: str = "…"
) -> Fitted:
    """Divide a text into at most `max_parts` parts of at most `limit` each; the rest is cut off, and `tail` says so.

    Where there are several parts, each ends in its number. `limit` must be at least 64, and the text not blank.
    """
    if not written.is_cut and is_within(written.text, limit, size):
        return Fitted((written.text,))
    room = limit - (size(NUMBER) if max_parts > 1 else 0)
    found = list(islice(_parts(written.blocks, room, size), max_parts + 1)) or [
        []
    ]  # the text had nothing but spaces up to where it is cut
    parts = [_text(part) for part in found[:max_parts]]
    if is_cut := len(found) > max_parts or written.is_cut:
        parts[-1] = _with_tail(found[len(parts) - 1], room, size, tail)
    if len(parts) > 1:
        parts = [f"{part}\n\n({n}/{len(parts)})" for n, part in enumerate(parts, 1)]
    return Fitted(tuple(parts), is_cut)


def _with_tail(part: Sequence[Block], room: int, size: Size, tail: str) -> str:
    if size(tail) > room // 2:
        tail = "…"
    return _text(next(_parts(part, room - size(tail), size), [])) + tail


def _text(part: Iterable[Block]) -> str:
    return "\n".join(block.text for block in part).strip("\n")


def _parts(blocks: Iterable[Block], room: int, size: Size) -> Iterator[list[Block]]:
    held, used, line_end = list[Block](), 0, size("\n")
    for block in blocks:
        for piece in _pieces(block, room - used, room, size):
            cost = size(piece.text) + line_end
            if used + cost > room + line_end:
                yield from _unless_blank(held)
                held, used = [], 0
            held.append(piece)
            used += cost
    yield from _unless_blank(held)


def _unless_blank(part: list[Block]) -> Iterator[list[Block]]:
    if any(block.text.strip() for block in part):
        yield part


def _pieces(block: Block, left: int, room: int, size: Size) -> Iterator[Block]:
    """Yield the block whole where a part can hold it, else in pieces that are well-formed on their own.

    The first piece fills what is `left` of the current part, if that is more than a quarter of `room`.
    """
    if is_within(block.text, room, size):
        yield block
        return
    limits = chain([left if left > room // 4 else room], repeat(room))
    if block.kind == "fence":
        opening, *code, closing = block.lines
        if not is_within(opening.text, room // 4, size):
            opening = Line(block.mark)
        yield from _wrapped(replace(block, lines=tuple(code)), (opening,), (closing,), limits, size)
    elif block.kind == "table" and is_within(_joined(block.lines[:2]), room // 2, size):
        yield from _wrapped(replace(block, lines=block.lines[2:]), block.lines[:2], (), limits, size)
    else:
        for line in block.lines:
            for piece in _broken(line, limits, size):
                yield Block("line", (piece,))


def _wrapped(
    block: Block, before: tuple[Line, ...], after: tuple[Line, ...], limits: Iterator[int], size: Size
) -> Iterator[Block]:
    """Yield the lines of the block in pieces, each between `before` and `after`."""
    line_end = size("\n")
    around = sum(size(line.text) + line_end for line in (*before, *after)) - line_end * (not after)
    room, held, used = next(limits) - around, list[Line](), 0
    for line in block.lines:
        whole = is_within(line.text, room, size)
        for piece in [line] if whole else _broken(line, repeat(max(room, 16)), size, block.lead, FENCE):
            cost = size(piece.text) + line_end
            if held and used + cost > room:
                yield replace(block, lines=(*before, *held, *after))
                room, held, used = next(limits) - around, [], 0
            held.append(piece)
            used += cost
    yield replace(block, lines=(*before, *held, *after))


def _joined(lines: Iterable[Line]) -> str:
    return "\n".join(line.text for line in lines)


def _broken(
    line: Line, limits: Iterator[int], size: Size, lead: str = "", marks: re.Pattern[str] = OPENS_BLOCK
) -> Iterator[Line]:
    """Break a long line into pieces that end after a sentence or a word, and not inside an atom.

    Text that stood in the middle of the line and would be one of the `marks` at the beginning of a piece stays text.
    In code and tables only a fence would be one.
    """
    at, text = 0, line.text
    for limit in limits:
        before = lead if at else ""
        if at and marks.match(text, at):
            before += UNSEEN
        room = limit - size(before)
        if is_within(text[at:], room, size):
            yield line.part(at, len(text), before)
            return
        end = _place_to_break(line, at, room, size)
        shown = len(text[at:end].rstrip(" ")) or end - at
        yield line.part(at, at + shown, before)
        at = len(text) - len(text[end:].lstrip(" "))


def _place_to_break(line: Line, at: int, limit: int, size: Size) -> int:
    text = line.text
    end = at + (len(head(text[at : at + limit + 1], limit, size)) or 1)
    end = next((start for start, stop in line.atoms_between(at, end) if start < end < stop), end)
    earliest = at + (end - at) // 2
    found = ((text.rfind(stop, earliest, end), len(stop)) for stop in STOPS)
    best = max((place + length for place, length in found if place >= 0), default=0)
    best = best or text.rfind(" ", earliest, end) + 1
    best = next((start for start, stop in line.atoms_between(at, end) if start < best < stop), best)
    return best if best > earliest else end
