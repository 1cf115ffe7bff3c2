"""The API's base URL, from what users paste: the server, the API's address or a whole endpoint."""

import re
from urllib.parse import urlsplit

from .errors import MisconfiguredError

_ENDPOINT = re.compile(
    r"/(workflows(/.*)?|chat-messages(/.*)?|completion-messages(/.*)?|info|parameters|files/upload)$"
)


def normalize_base_url(url: str) -> str:
    """Return the address as `https://host[/prefix]/v1`. Raises MisconfiguredError."""
    try:
        parts = urlsplit(url.strip())
    except ValueError as error:
        raise MisconfiguredError("the Dify URL is not a URL") from error
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise MisconfiguredError("the Dify URL must begin with http:// or https://")
    path = _ENDPOINT.sub("", parts.path.rstrip("/"))
    return f"{parts.scheme}://{parts.netloc}{path.removesuffix('/v1')}/v1"
