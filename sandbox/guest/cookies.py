"""Cookies, kept and sent as requests keeps and sends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import Request


def _asked(url: str) -> Request:
    """Return the request as a jar wants to see it. It is never sent."""
    return Request(url)  # noqa: S310


def _host(url: str) -> str:
    return _asked(url).origin_req_host


class _Policy(DefaultCookiePolicy):
    def return_ok(self, cookie: Cookie, request: Request) -> bool:
        """Return whether a cookie goes along. What a script set without a domain never follows a redirect elsewhere."""
        if not cookie.domain and _host(request.full_url) != request.origin_req_host:
            return False
        return super().return_ok(cookie, request)


class _Received:
    """What a jar asks of a response."""

    def __init__(self, set_cookie: Sequence[str]) -> None:
        self._set_cookie = list(set_cookie)

    def info(self) -> _Received:
        return self

    def get_all(self, name: str, default: list[str]) -> list[str]:
        return self._set_cookie if name == "Set-Cookie" else default


class Cookies(CookieJar):
    """A jar that can be used like a dict of names and values; iterating over it yields whole cookies."""

    def __init__(self) -> None:
        super().__init__(_Policy())

    def receive(self, url: str, set_cookie: Sequence[str]) -> None:
        """Take the cookies that an answer from this URL sets, if it may set them."""
        if set_cookie:
            self.extract_cookies(_Received(set_cookie), _asked(url))  # type: ignore[arg-type]  # all that it asks for

    def header_for(self, url: str, asked_url: str) -> str | None:
        """Return the Cookie header for a URL. `asked_url` is the one that the script named, before any redirect."""
        if not len(self):
            return None
        request = _asked(url)
        request.origin_req_host = _host(asked_url)
        self.add_cookie_header(request)
        return request.get_header("Cookie")

    def set(self, name: str, value: str, domain: str = "", path: str = "/") -> None:
        """Set a cookie. Without a domain it goes to whatever host the script asks."""
        is_subdomains = domain.startswith(".")
        self.set_cookie(
            Cookie(0, name, value, None, False, domain, bool(domain), is_subdomains, path, bool(path), False,
                   None, True, None, None, {})
        )  # fmt: skip

    def update(self, other: Mapping[str, str] | CookieJar) -> None:
        if isinstance(other, CookieJar):
            for cookie in other:
                self.set_cookie(cookie)
            return
        for name, value in other.items():
            self.set(name, value)

    def get(self, name: str, default: Any = None) -> Any:
        return self.get_dict().get(name, default)

    def get_dict(self) -> dict[str, str | None]:
        return {cookie.name: cookie.value for cookie in self}

    def keys(self) -> list[str]:
        return list(self.get_dict())

    def values(self) -> list[str | None]:
        return list(self.get_dict().values())

    def items(self) -> list[tuple[str, str | None]]:
        return list(self.get_dict().items())

    def __getitem__(self, name: str) -> str | None:
        return self.get_dict()[name]

    def __setitem__(self, name: str, value: str) -> None:
        self.set(name, value)

    def __contains__(self, name: object) -> bool:
        return name in self.get_dict()

    def __iter__(self) -> Iterator[Cookie]:
        return super().__iter__()

    def __repr__(self) -> str:
        return repr(self.get_dict())
