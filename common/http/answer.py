"""The response, decompressed piece by piece and counted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import HTTPError

from common.json_values import parse

from .call import Call
from .errors import CanceledError, ConnectionLostError, ResponseTooLargeError

if TYPE_CHECKING:
    import requests

PIECE_BYTES = 64 * 1024
UTF_8 = "utf-8"
# Servers that name one of these send characters of the wider one, too; browsers read them so as well:
# https://encoding.spec.whatwg.org/#names-and-labels
WIDER = {"utf8": UTF_8, "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030"}

_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Response:
    """A whole response. `url` is where it came from, after redirects."""

    status: int
    headers: HTTPHeaderDict
    content: bytes
    url: str
    reason: str = ""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def charset(self) -> str:
        """The charset that the response names, if it is one that Python knows, else UTF-8."""
        found = _CHARSET.search(self.headers.get("Content-Type", ""))
        name = found[1].lower() if found else UTF_8
        try:
            "".encode(name)
        except LookupError:
            return UTF_8
        return WIDER.get(name, name)

    @property
    def text(self) -> str:
        return self.content.decode(self.charset, "replace")

    def json(self) -> Any:
        """Return the body's JSON value. Raises ValueError, also if it is nested too deeply to be read."""
        # Without another charset the parser tells UTF-8, UTF-16 and UTF-32 apart by the first bytes.
        return parse(self.content if self.charset == UTF_8 else self.content.decode(self.charset))


class Stream:
    """A response whose head has arrived. Use it inside `Client.stream`'s with block."""

    def __init__(self, response: "requests.Response", call: Call, max_bytes: int) -> None:
        self._raw: HTTPResponse = response.raw
        self.status = self._raw.status
        self.reason = self._raw.reason or ""
        self.headers = self._raw.headers
        self.url = response.url
        self._call = call
        self._max_bytes = max_bytes

    @property
    def read_seconds(self) -> float:
        """The longest wait for the next byte; may be changed while iterating."""
        return self._call.read_seconds

    @read_seconds.setter
    def read_seconds(self, seconds: float) -> None:
        self._call.read_seconds = seconds

    def iter_bytes(self) -> Iterator[bytes]:
        """Yield the body as it arrives, at most 64 KiB a piece, never waiting to fill one.

        Raises SentError or CanceledError.
        """
        taken = 0
        while piece := self._next_piece():
            taken += len(piece)
            if taken > self._max_bytes:
                raise ResponseTooLargeError(f"more than {self._max_bytes} bytes")
            yield piece

    def read(self) -> Response:
        return Response(self.status, self.headers, b"".join(self.iter_bytes()), self.url, self.reason)

    def shut(self) -> None:
        """End the exchange, from any thread: the reader gets CanceledError at once."""
        self._call.switch.cancel()

    def _next_piece(self) -> bytes:
        self._call.time_left()
        try:
            return self._raw.read1(PIECE_BYTES, decode_content=True)
        except (HTTPError, OSError) as error:
            if self._call.switch.is_canceled:
                raise CanceledError("canceled") from error
            raise ConnectionLostError("the answer is incomplete") from error
