"""Makes control characters visible: text from outside must not command the terminal that shows it."""

from __future__ import annotations

import re

# Control characters could repaint a terminal, directional ones make text read differently than it is stored, and half
# a surrogate pair can't be stored at all. The sandbox, which imports nothing from here, has the same pattern: a test
# keeps them equal.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Return the text with each unsafe character shown as its code; tabs and line ends stay, CRLF becomes LF."""
    return UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text.replace("\r\n", "\n"))
