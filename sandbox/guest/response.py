"""The response to a request, with the names that the library requests gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from datetime import timedelta
from typing import Any

from sandbox.guest.cookies import Cookies


class Headers(MutableMapping[str, Any]):
    """Headers, looked up without regard to case."""

    def __init__(self, headers: Mapping[str, Any] | None = None) -> None:
        self._by_name: dict[str, tuple[str, Any]] = {}
        self.update(headers or {})

    def __getitem__(self, name: str) -> Any:
        return self._by_name[name.lower()][1]

    def __setitem__(self, name: str, value: Any) -> None:
        self._by_name[name.lower()] = (name, value)

    def __delitem__(self, name: str) -> None:
        del self._by_name[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return repr(dict(self))


class HTTPError(Exception):
    __module__ = "builtins"  # tracebacks show the bare name

    def __init__(self, message: str, response: Response) -> None:
        super().__init__(message)
        self.response = response


class Response:
    """A response: `bool(response)` is `ok`, `str(response)` is `text`."""

    def __init__(
        self,
        *,
        status_code: int,
        headers: dict[str, str],
        content: bytes,
        url: str = "",
        reason: str = "",
        seconds: float = 0,
        set_cookie: Sequence[str] = (),
    ) -> None:
        self.status_code, self.reason = status_code, reason
        self.headers = Headers(headers)
        self.content = content
        self.url = url
        self.elapsed = timedelta(seconds=seconds)
        self.history: list[Response] = []
        self.encoding: str | None = self._named_encoding()
        self.cookies = Cookies()
        self.cookies.receive(url, set_cookie)

    def _named_encoding(self) -> str:
        """Return the encoding that the server names, otherwise UTF-8."""
        named = re.search(r"charset=[\"']?([\w.:-]+)", self.headers.get("Content-Type", ""), re.IGNORECASE)
        return named[1] if named else "utf-8"

    @property
    def ok(self) -> bool:
        return self.status_code < 400

    @property
    def text(self) -> str:
        try:
            return self.content.decode(self.encoding or "utf-8", errors="replace")
        except LookupError:  # a name that Python doesn't know, or that is no text encoding
            return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        is_utf_8 = (self.encoding or "utf-8").lower() == "utf-8"
        return json.loads(self.content if is_utf_8 else self.text)

    def raise_for_status(self) -> None:
        if not self.ok:
            raise HTTPError(f"{self.status_code} from {self.url}", self)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"
