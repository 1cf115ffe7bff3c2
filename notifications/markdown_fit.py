"""Markdown made to fit a chat: its blocks, and parts of them that are well-formed alone.

`fit` looks no further than one part beyond the last it returns, and its patterns are bounded: a hostile
megabyte costs no more than it takes to walk over it once.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import Literal

Size = Callable[[str], int]

PARTS = 3
FENCE = re.compile(r" {0,3}(`{3,16}(?!`)|~{3,16}(?!~))(.*)")
# No pattern may run over another's beginning: "![![![…" would be searched again from each.
ATOM = re.compile(  # never cut in two, unless longer than a whole part
    r"!?\[[^\[\]\n]{0,300}\]\([^()\s]{0,2048}\)"
    r"|<font [^<>\n]{1,60}>[^<\n]{0,300}</font>"
    r"|<[^<>\n]{1,200}>"
    r"|`[^`\n]{1,300}`"
    r"|\*\*[^*\n]{1,300}\*\*"
    r"|https?://[^\s)>\]]{1,2048}"
    r"|@[\w.-]{1,64}"
)
LONGEST_ATOM = 2400
STOPS = ("。", "！", "？", "；", "!", "?", ";", ". ")
NUMBER = "\n\n(1/3)"


def utf8_size(text: str) -> int:
    return len(text.encode())


def json_size(text: str) -> int:
    """Bytes between the quotes of a JSON string, with non-ASCII characters as they are."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


# ---------------------------------------------------------------- blocks


@dataclass(frozen=True)
class Block:
    """A fence or a table whole, or one line of anything else; `mark` is what opens and closes the fence."""

    kind: Literal["fence", "table", "line"]
    lines: tuple[str, ...]
    mark: str = ""


def blocks(text: str) -> Iterator[Block]:
    """The blocks in order: their lines joined by LF are the text again, with a fence left open closed."""
    lines, at = text.split("\n"), 0
    while at < len(lines):
        block, at = _block_at(lines, at)
        yield block


def _block_at(lines: list[str], at: int) -> tuple[Block, int]:
    if fence := FENCE.match(lines[at]):
        mark = fence[1]
        end = at + 1
        while end < len(lines) and not _closes(lines[end], mark):
            end += 1
        return Block("fence", (*lines[at:end], lines[end] if end < len(lines) else mark), mark), end + 1
    if "|" in lines[at] and at + 1 < len(lines) and _is_rule(lines[at + 1]):
        end = at + 2
        while end < len(lines) and "|" in lines[end]:
            end += 1
        return Block("table", tuple(lines[at:end])), end
    return Block("line", (lines[at],)), at + 1


def _closes(line: str, mark: str) -> bool:
    line = line.strip()
    return len(line) >= len(mark) and not line.strip(mark[0])


def _is_rule(line: str) -> bool:
    """`|---|:-:|`: the line under a table's head."""
    line = line.strip()
    return "|" in line and "-" in line and all(re.fullmatch(r":?-+:?", cell) for cell in cells(line))


def cells(row: str) -> list[str]:
    """The cells of a table's row; a backslash keeps a bar."""
    row = row.strip().removeprefix("|")
    if row.endswith("|") and not row.endswith("\\|"):
        row = row[:-1]
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)]


# ---------------------------------------------------------------- sizes


@dataclass(frozen=True)
class Fitted:
    parts: tuple[str, ...]
    cut: bool = False


def fit(text: str, limit: int, *, size: Size = utf8_size, most: int = PARTS, tail: str = "…") -> Fitted:
    """At most `most` parts of at most `limit` each; what goes beyond is cut off, and `tail` says so.

    With several parts each ends in its number. `limit` is at least 64, and the text not blank.
    """
    if _fits(text, limit, size):
        return Fitted((text,))
    room = limit - (size(NUMBER) if most > 1 else 0)
    parts = list(islice(_parts(text, room, size), most + 1))
    if cut := len(parts) > most:
        parts = parts[:most]
        parts[-1] = _with_tail(parts[-1], room, size, tail)
    if len(parts) > 1:
        parts = [f"{part}\n\n({n}/{len(parts)})" for n, part in enumerate(parts, 1)]
    return Fitted(tuple(parts), cut)


def head(text: str, limit: int, size: Size = utf8_size) -> str:
    """The longest beginning of at most `limit` that ends between two visible characters."""
    if limit <= 0:
        return ""
    if _fits(text, limit, size):
        return text
    low, high = 0, min(len(text), limit)  # every character takes a byte at least
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= limit else (low, middle - 1)
    at = low
    while at > max(0, low - 64) and _joined(text, at):
        at -= 1
    return text[: at if at and not _joined(text, at) else low]


def shorten(text: str, limit: int, size: Size = utf8_size) -> str:
    """`head` with an ellipsis where something is missing."""
    return text if _fits(text, limit, size) else head(text, limit - size("…"), size) + "…"


def _fits(text: str, limit: int, size: Size) -> bool:
    return len(text) <= limit and size(text) <= limit


def _joined(text: str, at: int) -> bool:
    """Do the characters before and after this place make one visible character?"""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return (
        bool(unicodedata.combining(after))
        or after in "\u200d\ufe0e\ufe0f\u20e3"
        or before == "\u200d"
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # a colour of skin
        or (_is_flag_half(after) and _flag_halves_before(text, at) % 2 == 1)
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, at: int) -> int:
    start = at
    while start and at - start < 64 and _is_flag_half(text[start - 1]):
        start -= 1
    return at - start


def _with_tail(part: str, room: int, size: Size, tail: str) -> str:
    if size(tail) > room // 2:
        tail = "…"
    return next(_parts(part, room - size(tail), size), "") + tail


def _parts(text: str, room: int, size: Size) -> Iterator[str]:
    held, used, line_end = list[str](), 0, size("\n")
    for block in blocks(text):
        for piece in _pieces(block, room - used, room, size):
            cost = size(piece) + line_end
            if used + cost > room + line_end:
                yield from _part(held)
                held, used = [], 0
            held.append(piece)
            used += cost
    yield from _part(held)


def _part(pieces: list[str]) -> Iterator[str]:
    part = "\n".join(pieces).strip("\n")
    if part.strip():
        yield part


def _pieces(block: Block, left: int, room: int, size: Size) -> Iterator[str]:
    """The block whole where a part can hold it, else in pieces that are well-formed alone.

    The first piece fills what is `left` of the part begun, if that is worth it.
    """
    whole = "\n".join(block.lines)
    if _fits(whole, room, size):
        yield whole
        return
    limits = chain([left if left > room // 4 else room], repeat(room))
    opening = "\n".join(block.lines[:2])
    if block.kind == "fence":
        first = block.lines[0] if _fits(block.lines[0], room // 4, size) else block.mark
        yield from _wrapped(block.lines[1:-1], first + "\n", "\n" + block.mark, limits, size)
    elif block.kind == "table" and _fits(opening, room // 2, size):
        yield from _wrapped(block.lines[2:], opening + "\n", "", limits, size)
    else:
        for line in block.lines:
            yield from _broken(line, limits, size)


def _wrapped(
    lines: Iterable[str], before: str, after: str, limits: Iterator[int], size: Size
) -> Iterator[str]:
    """Lines in pieces, each between `before` and `after`."""
    around, line_end = size(before) + size(after), size("\n")
    room, held, used = next(limits) - around, list[str](), 0
    for line in lines:
        narrow = [line] if _fits(line, room, size) else _broken(line, repeat(max(room, 16)), size)
        for piece in narrow:
            cost = size(piece) + line_end
            if held and used + cost > room:
                yield before + "\n".join(held) + after
                room, held, used = next(limits) - around, [], 0
            held.append(piece)
            used += cost
    yield before + "\n".join(held) + after


def _broken(line: str, limits: Iterator[int], size: Size) -> Iterator[str]:
    """A long line in pieces that end after a sentence or a word, and not inside an atom."""
    for limit in limits:
        if _fits(line, limit, size):
            yield line
            return
        at = _place_to_break(line, limit, size)
        yield line[:at].rstrip(" ") or line[:at]
        line = line[at:].lstrip(" ")


def _place_to_break(line: str, limit: int, size: Size) -> int:
    most = len(head(line[: limit + 1], limit, size)) or 1
    atoms = [m.span() for m in ATOM.finditer(line[: most + LONGEST_ATOM])]
    most = next((start for start, end in atoms if 0 < start < most < end), most)
    least = most // 2
    ends = (line.rfind(stop, least, most) + len(stop) for stop in STOPS if line.rfind(stop, least, most) >= 0)
    best = max(ends, default=0) or line.rfind(" ", least, most) + 1
    best = next((start for start, end in atoms if start < best < end), best)
    return best if best > least else most
