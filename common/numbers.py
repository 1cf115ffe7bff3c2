"""Numbers that are written as text in an address or a form."""

from __future__ import annotations

MAX_DIGITS = 18  # fit into each column of each database


def int_or(text: str | None, otherwise: int) -> int:
    """Return the whole number; `otherwise` if the text is none, or is longer than any number of the platform.

    int() alone would accept digits of any script.
    """
    if text and len(text) <= MAX_DIGITS and text.isascii() and text.isdigit():
        return int(text)
    return otherwise
