"""Every form in which a program is likely to print a secret."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

MIN_LENGTH = 4  # "1" or "yes" as a secret would black out every text
MIN_LINE = 8  # so would "}" or "  {" of a JSON file, or "page=1" of an address
_MIN_BASE64 = 8
_LINE_ENDS = re.compile(r"[\r\n]+")
_PART_ENDS = re.compile(
    r"[\r\n&]+"
)  # a list of accounts is a value with & between them, by QingLong's custom
_PLAIN_CHARACTERS = re.compile(r"[A-Za-z0-9_.~-]*")  # looks the same in JSON, in Python and in an address
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
# Characters that the sandbox shows as codes before the text is masked: sandbox/host/output.py.
_SHOWN_AS_CODES = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def forms(value: str) -> Iterator[str]:
    """Yield the value whole, stripped and in its parts, each also escaped, and the whole in base64.

    Its parts are its lines, and what stands between its “&”. A value shorter than `MIN_LENGTH` yields nothing, and a
    part shorter than `MIN_LINE` yields nothing of its own.
    """
    stripped = value.strip()
    if len(value) < MIN_LENGTH:
        return
    bodies = {value, stripped} if len(stripped) >= MIN_LENGTH else {value}
    for body in bodies:
        yield from _base64(body.encode("utf-8", "surrogatepass"))
    # A carriage return alone ends a line for some programs, and not for others.
    splits = (stripped.split("\n"), _LINE_ENDS.split(stripped), _PART_ENDS.split(stripped))
    parts = {part.strip() for split in splits for part in split}
    for body in bodies.union(part for part in parts if len(part) >= MIN_LINE):
        yield body
        if not _PLAIN_CHARACTERS.fullmatch(body):
            yield from _escaped(body)


def _escaped(value: str) -> Iterator[str]:
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield json.dumps(json.dumps(value)[1:-1])[1:-1]  # Dify's run detail has its inputs as JSON inside JSON
    yield repr(value)[1:-1]
    yield _SHOWN_AS_CODES.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    raw = value.encode("utf-8", "surrogatepass")
    for escaped in (quote(raw), quote(raw, safe=""), quote(raw, safe="!'()*"), quote_plus(raw)):
        yield escaped
        yield _ESCAPE.sub(lambda found: found[0].lower(), escaped)


def _base64(raw: bytes) -> Iterator[str]:
    for encoded in _base64_alphabet(raw):
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")


def _base64_alphabet(raw: bytes) -> Iterator[str]:
    """Yield `raw` alone, and as part of something longer ("user:" + password), where it may begin at three offsets."""
    yield b64encode(raw).decode().rstrip("=")
    for offset in range(3):
        encoded = b64encode(bytes(offset) + raw).decode()
        first = (0, 2, 3)[offset]  # the characters before hold bits of the bytes before
        certain = encoded[first : (offset + len(raw)) * 8 // 6]
        if len(certain) >= _MIN_BASE64:
            yield certain
