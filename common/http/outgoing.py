"""The request as it is sent: headers that can't smuggle anything, and a body of known length."""

import json as jsonlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict

from .errors import InvalidBodyError, InvalidHeaderError
from .urls import Target, follow, parse_target

USER_AGENT = "task-platform"
ACROSS_ORIGINS = frozenset({"accept", "accept-encoding", "accept-language", "user-agent"})
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


def prepare(
    method: str,
    target: Target,
    headers: Headers | None = None,
    json: Any = None,
    data: Data | None = None,
    files: Mapping[str, UploadFile] | None = None,
) -> PreparedRequest:
    """Return the request with a body of `json`, `data` or `files`, or none.

    Beside `files`, `data` holds the form's other fields. Raises InvalidHeaderError, InvalidBodyError.
    """
    if not _TOKEN.fullmatch(method):
        raise InvalidHeaderError("not a method")
    checked = {"accept": "*/*", "accept-encoding": "gzip", "user-agent": USER_AGENT}
    if json is not None:
        if data is not None or files is not None:
            raise InvalidBodyError("two bodies")
        checked["content-type"], data = "application/json", _as_json(json)
    for name, value in (headers or {}).items():
        checked[name.lower()] = _checked(name, value)
    # Not by `PreparedRequest.prepare`: it would write the URL anew, after it was judged, and look for cookies.
    request = PreparedRequest()
    request.method, request.url = method.upper(), target.url
    request.headers = CaseInsensitiveDict(checked)
    parts = {field: (file.name, file.content, file.content_type) for field, file in (files or {}).items()}
    try:
        request.prepare_body(_as_bytes(data), parts)
    except (TypeError, ValueError) as error:
        raise InvalidBodyError(f"the body can't be written: {error}") from error
    return request


def redirected(request: PreparedRequest, location: str) -> PreparedRequest:
    """Return the request as it goes on to a redirect's location. Raises InvalidUrlError, AddressRefusedError.

    Another origin gets no headers meant for the first: keys, cookies, and others that a tenant set.
    """
    assert request.url is not None
    here = parse_target(request.url)
    there = follow(here, location)
    following = request.copy()
    following.url = there.url
    if there.origin != here.origin:
        kept = {name: value for name, value in request.headers.items() if name in ACROSS_ORIGINS}
        following.headers = CaseInsensitiveDict(kept)
    return following


def _checked(name: str, value: object) -> str:
    if not _TOKEN.fullmatch(name) or name.lower() in RESERVED:
        raise InvalidHeaderError(f"the header {name!r} can't be set")
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise InvalidHeaderError(
            f"the header {name} is no text, or holds a line break or a non-latin-1 character"
        )
    return value


def _as_json(value: Any) -> str:
    try:
        # No \u escapes: bots count the bytes on the wire.
        return jsonlib.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidBodyError(f"the body can't be written as JSON: {error}") from error


def _as_bytes(data: Any) -> Any:
    """Return the data with its texts as bytes: requests would refuse what is no proper Unicode."""
    if isinstance(data, Mapping):
        return {_as_bytes(name): _as_bytes(value) for name, value in data.items()}
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
