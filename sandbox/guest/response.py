"""The response that http_get and http_post return."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any


class Headers(Mapping[str, str]):
    """Headers of a response, looked up without regard to case."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._by_name = {name.lower(): (name, value) for name, value in headers.items()}

    def __getitem__(self, name: str) -> str:
        return self._by_name[name.lower()][1]

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

    def __init__(self, *, status_code: int, headers: dict[str, str], content: bytes, url: str = "") -> None:
        self.status_code = status_code
        self.headers = Headers(headers)
        self.content = content
        self.url = url

    @property
    def ok(self) -> bool:
        return self.status_code < 400

    @property
    def encoding(self) -> str:
        """The encoding that the server names, otherwise UTF-8."""
        named = re.search(r"charset=[\"']?([\w.:-]+)", self.headers.get("Content-Type", ""), re.IGNORECASE)
        return named[1].lower() if named else "utf-8"

    @property
    def text(self) -> str:
        try:
            return self.content.decode(self.encoding, errors="replace")
        except LookupError:  # a name that Python doesn't know, or that is no text encoding
            return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        return json.loads(self.content if self.encoding == "utf-8" else self.text)

    def raise_for_status(self) -> None:
        if not self.ok:
            raise HTTPError(f"{self.status_code} from {self.url}", self)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"
