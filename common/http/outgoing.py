"""The parts of a request before it is sent: headers that can't smuggle anything, and bodies as bytes."""

import json as jsonlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import InvalidBodyError, InvalidHeaderError

DEFAULTS = {"accept": "*/*", "accept-encoding": "gzip", "user-agent": "task-platform"}
ACROSS_ORIGINS = frozenset({*DEFAULTS, "accept-language"})
# They determine where a message goes or where it ends, which only the client itself may do.
RESERVED = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

# Stricter than requests, which takes spaces in a name and NUL in a value.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # latin-1 is what HTTP/1.1 can carry

Headers = Mapping[str, str]
Data = bytes | str | Mapping[str, str]


@dataclass(frozen=True)
class UploadFile:
    name: str
    content: bytes
    content_type: str = "application/octet-stream"


def checked_method(method: str) -> str:
    """Return a method in capitals. Raises InvalidHeaderError."""
    if not _TOKEN.fullmatch(method):
        raise InvalidHeaderError("not a method")
    return method.upper()


def checked_headers(headers: Headers) -> dict[str, str]:
    """Return the headers with their names in lower case. Raises InvalidHeaderError."""
    return {name.lower(): _checked(name, value) for name, value in headers.items()}


def _checked(name: str, value: object) -> str:
    if not _TOKEN.fullmatch(name) or name.lower() in RESERVED:
        raise InvalidHeaderError(f"the header {name!r} can't be set")
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise InvalidHeaderError(
            f"the header {name} is no text, or holds a line break or a non-latin-1 character"
        )
    return value


def as_json(value: Any) -> str:
    """Return a value as compact JSON. Raises InvalidBodyError."""
    try:
        # No \u escapes: bots count the bytes on the wire.
        return jsonlib.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidBodyError(f"the body can't be written as JSON: {error}") from error


def as_bytes(data: Any) -> Any:
    """Return the data with its texts as bytes: requests would refuse what is no proper Unicode."""
    if isinstance(data, Mapping):
        return {as_bytes(name): as_bytes(value) for name, value in data.items()}
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
