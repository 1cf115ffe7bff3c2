"""Requests as the library requests makes them: forms, cookies and redirects. Each exchange is one call to the host."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from sandbox.guest.cookies import Cookies
from sandbox.guest.response import Headers, Response

Exchange = Callable[[dict[str, Any]], dict[str, Any]]

_MAX_REDIRECTS = 30
_REDIRECTS = (301, 302, 303, 307, 308)
_BODY_KEPT = (307, 308)
# All others may hold a key or a cookie that is meant for the first host only.
_ACROSS_HOSTS = ("accept", "accept-encoding", "accept-language", "content-type", "user-agent")
_FORM = "application/x-www-form-urlencoded"
_FORM_WORDS = (
    "data must be a form (a dict or a list of pairs), text, bytes or an open file; JSON goes into json="
)


class TooManyRedirectsError(Exception):
    __module__ = "builtins"  # tracebacks show the bare name


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    headers: Headers
    params: str = ""
    data: str | bytes | None = None
    json: Any = None


class Session:
    """Requests that share cookies and headers."""

    def __init__(self, exchange: Exchange, headers: Mapping[str, Any] | None = None) -> None:
        self._exchange = exchange
        self.headers = Headers(headers)
        self.cookies = Cookies()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, Any] | None = None,
        params: Any = None,
        data: Any = None,
        json: Any = None,
        timeout: Any = None,
        allow_redirects: bool = True,
    ) -> Response:
        """Make a request and follow where it is redirected to. Raises TooManyRedirectsError."""
        url = str(url).lstrip().replace(" ", "%20")
        request = _Request(str(method).upper(), url, self._merged(headers), _encoded(params))
        request = _with_body(request, data, json)
        history: list[Response] = []
        while True:
            response = self._answer(request, url, timeout)
            response.history = list(history)
            location = response.headers.get("Location") if response.status_code in _REDIRECTS else None
            if not allow_redirects or not location:
                return response
            history.append(response)
            if len(history) > _MAX_REDIRECTS:
                raise TooManyRedirectsError(f"more than {_MAX_REDIRECTS} redirects")
            request = _redirected(request, response, location)

    def get(self, url: str, **given: Any) -> Response:
        return self.request("GET", url, **given)

    def options(self, url: str, **given: Any) -> Response:
        return self.request("OPTIONS", url, **given)

    def head(self, url: str, **given: Any) -> Response:
        return self.request("HEAD", url, **{"allow_redirects": False, **given})

    def post(self, url: str, data: Any = None, json: Any = None, **given: Any) -> Response:
        return self.request("POST", url, data=data, json=json, **given)

    def put(self, url: str, data: Any = None, **given: Any) -> Response:
        return self.request("PUT", url, data=data, **given)

    def patch(self, url: str, data: Any = None, **given: Any) -> Response:
        return self.request("PATCH", url, data=data, **given)

    def delete(self, url: str, **given: Any) -> Response:
        return self.request("DELETE", url, **given)

    def close(self) -> None:
        """Do nothing: no connection is kept."""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _merged(self, headers: Mapping[str, Any] | None) -> Headers:
        """Return the session's headers with these in their place; None removes one."""
        merged = Headers(self.headers)
        merged.update(headers or {})
        return Headers({name: value for name, value in merged.items() if value is not None})

    def _answer(self, request: _Request, asked_url: str, timeout: Any) -> Response:
        headers = dict(request.headers)
        cookies = self.cookies.header_for(request.url, asked_url)
        if cookies and "Cookie" not in request.headers:
            headers["Cookie"] = cookies
        answer = self._exchange(
            {
                "method": request.method,
                "url": request.url,
                "headers": headers,
                "params": request.params or None,
                "data": request.data,
                "json": request.json,
                "timeout": timeout,
            }
        )
        self.cookies.receive(request.url, answer.get("set_cookie", ()))
        return Response(**answer)


def _with_body(request: _Request, data: Any, json: Any) -> _Request:
    data = data.read() if hasattr(data, "read") else data
    if not data:
        return replace(request, json=json)
    if isinstance(data, str | bytes | bytearray):
        return replace(request, data=data if isinstance(data, str) else bytes(data))
    try:
        form = _encoded(data)
    except (TypeError, ValueError):
        raise TypeError(_FORM_WORDS) from None
    request.headers.setdefault("Content-Type", _FORM)
    return replace(request, data=form)


def _encoded(pairs: Any) -> str:
    """Return names and values as in a query or a form: the values of a list one by one, and None left out."""
    if isinstance(pairs, bytes):
        pairs = pairs.decode()
    if isinstance(pairs, str) or not pairs:
        return quote(pairs or "", safe=string.punctuation)
    items = pairs.items() if hasattr(pairs, "items") else pairs
    found = [(name, each) for name, value in items for each in _each(value) if each is not None]
    return urlencode(found, errors="surrogatepass")


def _each(value: Any) -> Iterator[Any]:
    yield from [value] if isinstance(value, str | bytes) or not hasattr(value, "__iter__") else value


def _redirected(request: _Request, response: Response, location: str) -> _Request:
    # Bytes beyond ASCII, which the host reads as latin-1, stay what they are.
    url = urljoin(response.url, quote(location, safe=string.printable, encoding="latin-1"))
    kept = dict(request.headers)
    if not _is_same_site(response.url, url):
        kept = {name: value for name, value in kept.items() if name.lower() in _ACROSS_HOSTS}
    if response.status_code in _BODY_KEPT:
        return replace(request, url=url, headers=Headers(kept), params="")
    kept = {name: value for name, value in kept.items() if name.lower() != "content-type"}
    return _Request(_method_after(response.status_code, request.method), url, Headers(kept))


def _method_after(status: int, method: str) -> str:
    """Return the method that goes on, as browsers do it."""
    becomes_get = method == "POST" if status == 301 else method != "HEAD"
    return "GET" if becomes_get else method


def _is_same_site(one: str, other: str) -> bool:
    """Return whether both are of one scheme, host and port, or the other is the same site with TLS."""
    here, there = _origin(one), _origin(other)
    is_secured = (here[0], here[2], there[0], there[2]) == ("http", 80, "https", 443)
    return here == there or (is_secured and here[1] == there[1])


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
