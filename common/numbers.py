"""Numbers that stand as text in an address or a form."""

from __future__ import annotations

MAX_DIGITS = 18  # what each column and each database takes; int() by itself takes digits of any script


def number(text: str | None, otherwise: int) -> int:
    """Return the whole number; `otherwise` for what is none, or is longer than any that we have made."""
    if text and len(text) <= MAX_DIGITS and text.isascii() and text.isdigit():
        return int(text)
    return otherwise
