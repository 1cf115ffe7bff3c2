"""The length of a text on the wire, and the beginning of it that fits there."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable

Size = Callable[[str], int]


def utf8_size(text: str) -> int:
    return len(text.encode())


def json_size(text: str) -> int:
    """Return the bytes between the quotes of a JSON string, with non-ASCII characters as they are."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def is_within(text: str, limit: int, size: Size) -> bool:
    return len(text) <= limit and size(text) <= limit


def head(text: str, limit: int, size: Size = utf8_size) -> str:
    """Return the longest beginning of at most `limit` that does not end inside a visible character."""
    if limit <= 0:
        return ""
    if is_within(text, limit, size):
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
    """Return the text, or its `head` with an ellipsis where it is over `limit`."""
    return text if is_within(text, limit, size) else head(text, limit - size("…"), size) + "…"


def _joined(text: str, at: int) -> bool:
    """Return whether the characters before and after this place make one visible character."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return (
        bool(unicodedata.combining(after))
        or after in "\u200d\ufe0e\ufe0f\u20e3"
        or before == "\u200d"
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # a skin tone
        or (_is_flag_half(after) and _flag_halves_before(text, at) % 2 == 1)
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, at: int) -> int:
    start = at
    while start and at - start < 64 and _is_flag_half(text[start - 1]):
        start -= 1
    return at - start
