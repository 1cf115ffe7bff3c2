"""A request to the site and its reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    """One request. The names in `headers` are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def cookies(self) -> dict[str, str]:
        return {name: morsel.value for name, morsel in SimpleCookie(self.headers.get("cookie", "")).items()}

    def form(self) -> dict[str, str]:
        return first_values(self.body.decode())

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def first_values(text: str) -> dict[str, str]:
    """Return the first value of each name of a query string or form."""
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def in_json(value: Any, status: int = 200, **headers: str) -> Reply:
    """Return a reply in JSON. Underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(
        json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=utf-8", status, named
    )


def page(html: str) -> Reply:
    return Reply(html.encode(), "text/html; charset=utf-8")


def redirect(place: str) -> Reply:
    return Reply(b"", "text/html", 302, {"Location": place})
