"""The library requests behind the guard: a session without the environment, and connections that our dialer opens.

urllib3's pools, retries and proxies have no part in it: each request has one connection, and none is kept. This module
alone imports requests, and is imported where the first request is made: many processes make none.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any

import requests
from requests import PreparedRequest
from requests.adapters import BaseAdapter
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from .call import Call
from .dial import Dialer
from .errors import CanceledError, ConnectionLostError, InvalidBodyError, TooManyRedirectsError
from .outgoing import (
    ACROSS_ORIGINS,
    DEFAULTS,
    Data,
    Headers,
    UploadFile,
    as_bytes,
    as_json,
    checked_headers,
    checked_method,
)
from .urls import Target, follow, parse_target

SAME_REQUEST_AGAIN = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)
OF_BODY = ("Content-Length", "Content-Type", "Transfer-Encoding")
logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings name whole URLs, and these hold tokens


class GuardedSession(requests.Session):
    """The session of one call: it reads no proxy and no .netrc, takes no cookie, and leaves redirects to the client."""

    def __init__(self, dialer: Dialer, call: Call) -> None:
        super().__init__()
        self.trust_env = False
        self.stream = True
        self.cookies = NoCookies()
        adapter = GuardedAdapter(dialer, call)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: requests would read the whole body of a redirect, however long."""

    def follow(self, request: PreparedRequest, max_redirects: int) -> requests.Response:
        """Send the request, for GET and HEAD on to where redirects lead, and return the last response."""
        limit = max_redirects if request.method in ("GET", "HEAD") else 0
        for _ in range(limit + 1):
            response = self.send(request)
            location = response.headers.get("Location") if response.is_redirect else None
            if not limit or not location:
                return response
            request = _redirected(response, location)
        raise TooManyRedirectsError(f"more than {limit} redirects")


class NoCookies(RequestsCookieJar):
    def extract_cookies(self, *args: Any) -> None:
        """Leave the cookies unread: a server can write some that take seconds to parse."""


class GuardedAdapter(BaseAdapter):
    """Sends each request over a connection of its own, which lasts until the next request or `close`."""

    def __init__(self, dialer: Dialer, call: Call) -> None:
        super().__init__()
        self._dialer = dialer
        self._call = call
        self._open: list[HTTPConnection | BaseHTTPResponse] = []

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Judge where the request goes, send it, and return its response as soon as the head has arrived."""
        self.close()
        target = parse_target(request.url)
        try:
            return self._exchange(request, target)
        except (HTTPException, HTTPError, OSError) as error:
            if self._call.switch.is_canceled:
                raise CanceledError("canceled") from error
            raise ConnectionLostError(f"{target.host}: {type(error).__name__}") from error

    def close(self) -> None:
        self._call.switch.disarm()
        while self._open:
            self._open.pop().close()

    def _exchange(self, request: Any, target: Target) -> requests.Response:
        kind = HTTPSConnection if target.scheme == "https" else HTTPConnection
        connection = kind(target.host, target.port)
        self._open.append(connection)
        connection.response_class = FinalResponse
        connection.auto_open = 0  # it must never dial by itself
        connection.sock = self._dialer.dial(target, self._call)
        path, headers = target.path, dict(request.headers)
        if self._dialer.proxy and target.scheme == "http":
            path = target.url
            headers |= self._dialer.proxy_headers
        with suppress(BrokenPipeError, ConnectionResetError):
            # A server may refuse a body before it has read it (413) and hang up: its response still counts.
            connection.request(request.method, path, request.body, headers, preload_content=False)
        answer = connection.getresponse()
        self._open.append(answer)
        # Not by HTTPAdapter's `build_response`, which reads cookies.
        response = requests.Response()
        response.request, response.url = request, target.url
        response.status_code, response.headers = answer.status, CaseInsensitiveDict(answer.headers)
        response.raw = answer
        return response


class FinalResponse(HTTPResponse):
    """A response that reads past every interim one, as of 103 Early Hints; http.client itself knows only 100."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]  # typeshed leaves it out
        is_interim = 100 <= status < 200 and status != HTTPStatus.SWITCHING_PROTOCOLS
        return version, HTTPStatus.CONTINUE if is_interim else status, reason


def prepare(
    method: str,
    target: Target,
    headers: Headers | None,
    json: Any,
    data: Data | None,
    files: Mapping[str, UploadFile] | None,
) -> PreparedRequest:
    """Return the request with a body of `json`, `data` or `files`, or none.

    Beside `files`, `data` holds the form's other fields. Raises InvalidHeaderError, InvalidBodyError.
    """
    given = checked_headers(headers or {})
    if json is not None:
        if data is not None or files is not None:
            raise InvalidBodyError("two bodies")
        given, data = {"content-type": "application/json", **given}, as_json(json)
    parts = {field: (file.name, file.content, file.content_type) for field, file in (files or {}).items()}
    # Not by `PreparedRequest.prepare`: it would write the URL anew, after it was judged, and look for cookies.
    request = PreparedRequest()
    request.method, request.url = checked_method(method), target.url
    request.headers = CaseInsensitiveDict({**DEFAULTS, **given})
    try:
        request.prepare_body(as_bytes(data), parts)
    except (TypeError, ValueError) as error:
        raise InvalidBodyError(f"the body can't be written: {error}") from error
    return request


def _redirected(response: requests.Response, location: str) -> PreparedRequest:
    """Return the request as it goes on to a redirect's location. Raises InvalidUrlError, AddressRefusedError.

    Another origin gets nothing meant for the first: no body, and no headers that hold keys, cookies, or what a tenant
    set. As in requests, the same origin gets the body again only where the status asks for the same request.
    """
    request = response.request
    assert request.url is not None
    here = parse_target(request.url)
    there = follow(here, location)
    following = request.copy()
    following.url = there.url
    is_same = there.origin == here.origin
    if not is_same:
        kept = {name: value for name, value in request.headers.items() if name in ACROSS_ORIGINS}
        following.headers = CaseInsensitiveDict(kept)
    if not is_same or response.status_code not in SAME_REQUEST_AGAIN:
        following.body = None
        for name in OF_BODY:
            following.headers.pop(name, None)
    return following
