"""The request as it is sent: headers that can't smuggle anything, and a body of known length."""

import json as jsonlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from urllib3.filepost import encode_multipart_formdata

from .errors import InvalidBodyError, InvalidHeaderError

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

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # latin-1 is what HTTP/1.1 can carry

Headers = Mapping[str, str]
Data = bytes | str | Mapping[str, str]


@dataclass(frozen=True)
class UploadFile:
    name: str
    content: bytes
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Outgoing:
    """A request that is ready to be sent. Header names are lower-case."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None

    def for_other_origin(self) -> "Outgoing":
        """Return the request without headers meant for the first host: keys, cookies, and others that a tenant set."""
        return replace(self, headers={k: v for k, v in self.headers.items() if k in ACROSS_ORIGINS})


def compose(
    method: str,
    headers: Headers | None = None,
    json: Any = None,
    data: Data | None = None,
    files: Mapping[str, UploadFile] | None = None,
) -> Outgoing:
    """Return the request with a body of `json`, `data` or `files`, or none.

    Beside `files`, `data` holds the form's other fields. Raises InvalidHeaderError, InvalidBodyError.
    """
    if not _TOKEN.fullmatch(method):
        raise InvalidHeaderError("not a method")
    content_type, body = _encode(json, data, files)
    checked = {"accept": "*/*", "accept-encoding": "gzip", "user-agent": USER_AGENT}
    if content_type:
        checked["content-type"] = content_type
    for name, value in (headers or {}).items():
        checked[name.lower()] = _checked(name, value)
    return Outgoing(method.upper(), checked, body)


def _checked(name: str, value: object) -> str:
    if not _TOKEN.fullmatch(name) or name.lower() in RESERVED:
        raise InvalidHeaderError(f"the header {name!r} can't be set")
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise InvalidHeaderError(
            f"the header {name} is no text, or holds a line break or a non-latin-1 character"
        )
    return value


def _encode(
    json: Any, data: Data | None, files: Mapping[str, UploadFile] | None
) -> tuple[str | None, bytes | None]:
    if json is not None:
        if data is not None or files is not None:
            raise InvalidBodyError("two bodies")
        return "application/json", _encode_json(json)
    if files is not None:
        parts: dict[str, Any] = dict(data) if isinstance(data, Mapping) else {}
        parts |= {field: (file.name, file.content, file.content_type) for field, file in files.items()}
        body, content_type = encode_multipart_formdata(parts)
        return content_type, body
    if isinstance(data, Mapping):
        return "application/x-www-form-urlencoded", urlencode(data, errors="surrogatepass").encode()
    return None, data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data


def _encode_json(value: Any) -> bytes:
    try:
        # No \u escapes: bots count the bytes on the wire.
        text = jsonlib.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidBodyError(f"the body can't be written as JSON: {error}") from error
    return text.encode("utf-8", "surrogatepass")
