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
# Colours, movements of the cursor (ECMA-48) and a window's title (xterm). A secret could hide between them.
_TERMINAL_CODE = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\))")
# Codes that change a text's look alone, of a length that an honest program needs.
_COLOUR = re.compile("\x1b\\[[0-9;]{0,20}m")
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
        self._unfinished: dict[str, _Line] = {}

    def add(self, stream: str, text: str) -> None:
        """Take a piece of text. Once a limit is passed, it is dropped."""
        for found in _PIECE.findall(text):
            if self.is_truncated:
                return
            piece = found[: max(0, self._room) + _MAX_PIECE]
            self._room -= self._unfinished.setdefault(stream, _Line()).add(piece)
            if piece.endswith("\n"):
                self._emit(stream)
            if self._room < 0 or self._lines_left < 0:
                self.finish()

    def note(self, text: str) -> None:
        """Add a line of the platform's own, which the limits don't count, after all that was said before."""
        for stream in list(self._unfinished):
            self._emit(stream)
        self._on_line("system", text)

    def finish(self) -> None:
        """Hand on the lines that never ended, and a last line that says so if the output was cut."""
        for stream in list(self._unfinished):
            self._emit(stream)
        over = f"{self._limit} bytes" if self._room < 0 else f"{self._max_lines} lines"
        if (self._room < 0 or self._lines_left < 0) and not self.is_truncated:
            self.is_truncated = True
            self._on_line("system", f"… the output is longer than {over} and was cut here")

    def _emit(self, stream: str) -> None:
        line = self._unfinished.pop(stream).text()
        self._lines_left -= 1
        if self._lines_left >= 0:
            self._on_line(stream, coloured_text(line))


class _Line:
    """A line that is not finished yet. What follows a carriage return replaces what stood before, as on a screen."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._bytes = 0
        self._is_returned = False

    def add(self, piece: str) -> int:
        """Add a piece. Return by how many bytes the line has grown, which is negative where text was replaced."""
        before = self._bytes
        first, *others = piece.split("\r")
        self._add_state(first)
        for state in others:
            self._is_returned = True
            self._add_state(state)
        return self._bytes - before

    def _add_state(self, text: str) -> None:
        if self._is_returned and text.rstrip("\n"):
            self._pieces.clear()
            self._bytes, self._is_returned = 0, False
        if text:
            self._pieces.append(text)
            self._bytes += len(text.encode("utf-8", "surrogatepass"))

    def text(self) -> str:
        return "".join(self._pieces).removesuffix("\n")


def coloured_text(text: str) -> str:
    """Return the text with its colours, without a terminal's other codes, and with other unsafe characters as codes."""
    kept = _TERMINAL_CODE.sub(lambda match: match[0] if _COLOUR.fullmatch(match[0]) else "", text)
    plain, colours = _COLOUR.split(kept), _COLOUR.findall(kept)
    return "".join(safe_text(part) + colour for part, colour in zip(plain, [*colours, ""], strict=True))


def plain_text(text: str) -> str:
    """Return the text without a terminal's codes, such as colours, and with other unsafe characters shown as codes."""
    return safe_text(without_terminal_codes(text))


def without_terminal_codes(text: str) -> str:
    return _TERMINAL_CODE.sub("", text)


def safe_text(text: str) -> str:
    """Return the text with each unsafe character shown as its code."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
