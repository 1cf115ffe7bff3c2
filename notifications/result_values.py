"""The values in a script's result, which may be anything, as clean strings, names, addresses and bytes."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

from notifications.notes import Note, note

URL_BYTES = 2048  # the smallest of the services' limits for a link
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
# A person, party or tag: any other character could close the tag of a mention.
NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
MOBILE = re.compile(r"\+?[0-9-]{5,20}")  # DingTalk refuses others in `atMobiles`
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class UnfitError(ValueError):
    """The value fits no message type; the text says why."""


def clean(text: str) -> str:
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def scalar(value: Any) -> str:
    """Return a string or a number as text, anything else as ""."""
    if isinstance(value, str):
        return clean(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def line(value: Any) -> str:
    return " ".join(scalar(value).split())


def content_of(fields: Mapping[str, Any]) -> str:
    value = fields.get("content")
    if value is not None and not isinstance(value, str | int | float):
        raise UnfitError("content")
    return scalar(value).strip("\n")


def require_text(text: str, name: str) -> str:
    """Return the text. Raises UnfitError where it is blank."""
    if not text.strip():
        raise UnfitError(name)
    return text


def names_of(
    fields: Mapping[str, Any], name: str, pattern: re.Pattern[str], notes: list[Note]
) -> tuple[str, ...]:
    """List the names of a field, each once: a list, or one string with bars or commas between them.

    A value that does not match `pattern` is left out and named in `notes`.
    """
    value = fields.get(name)
    items: Iterable[Any] = re.split(r"[|,]", value) if isinstance(value, str) else [value]
    if isinstance(value, list):
        items = value
    names = dict.fromkeys(filter(None, map(line, items)))
    if wrong := [text[:40] for text in names if not pattern.fullmatch(text)]:
        notes.append(note("name_refused", names=", ".join(wrong[:5]), field=name))
    return tuple(text for text in names if pattern.fullmatch(text))


def web_address(fields: Mapping[str, Any], *names: str) -> str:
    """Return the first of these fields that is a web address which every service takes, or ""."""
    for name in names:
        value = scalar(fields.get(name)).strip()
        if len(value.encode()) <= URL_BYTES and WEB_ADDRESS.fullmatch(value):
            return value
    return ""


def bytes_of(fields: Mapping[str, Any], name: str) -> tuple[bytes, list[Note]]:
    value = fields.get(name)
    if value is None or value == "":
        return b"", []
    try:
        return base64.b64decode(_base64_part(value), validate=True), []
    except (binascii.Error, ValueError):
        return b"", [note("bad_data", name=name)]


def _base64_part(value: Any) -> bytes:
    """Strip a `data:` prefix and line breaks, which scripts often leave in. Raises ValueError for what is no text."""
    if not isinstance(value, str):
        raise ValueError
    return "".join(value.rpartition(";base64,")[2].split()).encode("ascii")
