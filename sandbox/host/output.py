"""Joins a script's pieces of text to lines, makes them safe to show, and cuts what is too much."""

from __future__ import annotations

import re
from collections.abc import Callable

OnLine = Callable[[str, str], None]

_LONGEST_LINE = 32768
# Control characters could repaint a terminal, directional ones make text read other than it is stored, and half a
# surrogate pair can't be stored at all.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class Output:
    """`on_line` gets (stream, text) for each whole line, in the order of their ends."""

    def __init__(self, on_line: OnLine, limit: int, most_lines: int) -> None:
        """Bytes and lines: the first that is used up cuts the output."""
        self.is_truncated = False
        self._on_line = on_line
        self._limit, self._most_lines = limit, most_lines
        self._room, self._lines_left = limit, most_lines
        self._unfinished: dict[str, str] = {}

    def add(self, stream: str, text: str) -> None:
        if self.is_truncated:
            return
        self._room -= len(text.encode("utf-8", "surrogatepass"))
        if self._room < 0:
            text = text.encode("utf-8", "surrogatepass")[: self._room].decode("utf-8", "ignore")
        *whole, rest = (self._unfinished.pop(stream, "") + text).split("\n")
        for line in whole:
            self._emit(stream, line)
        if rest:
            self._unfinished[stream] = rest
        if len(rest) > _LONGEST_LINE:
            self._emit(stream, self._unfinished.pop(stream))
        if self._room < 0 or self._lines_left < 0:
            self.finish()

    def finish(self) -> None:
        """Emit the lines that never got their end, and say so where something was cut."""
        for stream, text in self._unfinished.items():
            self._emit(stream, text)
        self._unfinished.clear()
        over = f"{self._limit} bytes" if self._room < 0 else f"{self._most_lines} lines"
        if (self._room < 0 or self._lines_left < 0) and not self.is_truncated:
            self.is_truncated = True
            self._on_line("system", f"… the output is longer than {over} and was cut here")

    def _emit(self, stream: str, text: str) -> None:
        self._lines_left -= 1
        if self._lines_left >= 0:
            self._on_line(stream, safe_text(text.removesuffix("\r")))


def safe_text(text: str) -> str:
    """Each unsafe character shown as its code."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
