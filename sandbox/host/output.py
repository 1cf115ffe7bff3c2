"""Joins a script's pieces of text into lines, makes them safe to show, and cuts the output off at its limits."""

from __future__ import annotations

import re
from collections.abc import Callable

OnLine = Callable[[str, str], None]

# Control characters could repaint a terminal, directional ones make text read differently than it is stored, and half
# a surrogate pair can't be stored at all.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_PIECE = re.compile("[^\n]*\n|[^\n]+")
_MAX_PIECE = 64 << 10  # characters taken beyond the limit; an honest guest's pieces are half as long


class Output:
    """Calls `on_line` with (stream, text) for each whole line, in the order in which the lines end.

    A line is never cut here, not even the one that passes the limit: a secret that is cut in two can't be recognized
    any more. `on_line` may limit the length of a line, after it has masked it.
    """

    def __init__(self, on_line: OnLine, limit: int, max_lines: int) -> None:
        """Limit the output to `limit` bytes and `max_lines` lines: the first that is used up cuts it."""
        self.is_truncated = False
        self._on_line = on_line
        self._limit, self._max_lines = limit, max_lines
        self._room, self._lines_left = limit, max_lines
        self._unfinished: dict[str, list[str]] = {}

    def add(self, stream: str, text: str) -> None:
        """Take a piece of text. Once a limit is passed, it is dropped."""
        for found in _PIECE.findall(text):
            if self.is_truncated:
                return
            piece = found[: max(0, self._room) + _MAX_PIECE]
            self._room -= len(piece.encode("utf-8", "surrogatepass"))
            self._unfinished.setdefault(stream, []).append(piece)
            if piece.endswith("\n"):
                self._emit(stream)
            if self._room < 0 or self._lines_left < 0:
                self.finish()

    def finish(self) -> None:
        """Hand on the lines that never ended, and a last line that says so if the output was cut."""
        for stream in list(self._unfinished):
            self._emit(stream)
        over = f"{self._limit} bytes" if self._room < 0 else f"{self._max_lines} lines"
        if (self._room < 0 or self._lines_left < 0) and not self.is_truncated:
            self.is_truncated = True
            self._on_line("system", f"… the output is longer than {over} and was cut here")

    def _emit(self, stream: str) -> None:
        line = "".join(self._unfinished.pop(stream)).removesuffix("\n").removesuffix("\r")
        self._lines_left -= 1
        if self._lines_left >= 0:
            self._on_line(stream, safe_text(line))


def safe_text(text: str) -> str:
    """Return the text with each unsafe character shown as its code."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
