"""The only way out: every request that a tenant can influence is made here.

Built on http.client and urllib3's response (decompression with a limit, Content-Length enforced) rather than on
requests: that library reads proxies and .netrc from the environment, keeps cookies, and opens its sockets where neither
the address nor the clock can be checked. There is one connection per request, and none is kept.
"""

import http.client
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import HTTPError

from .answer import Response, Stream
from .call import Call, CancelSwitch
from .dial import Dialer, Resolver, system_resolver, system_tls
from .errors import CanceledError, ConnectionLostError, TooManyRedirectsError
from .outgoing import Data, Headers, Outgoing, UploadFile, compose
from .policy import Policy
from .sockets import TimedSocket, TimedTlsSocket
from .urls import Params, Target, follow, parse_target

REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Client:
    """An HTTP client, safe to share between threads. `tls` must verify; the default uses the system's certificates."""

    def __init__(
        self, policy: Policy, *, resolver: Resolver = system_resolver, tls: ssl.SSLContext | None = None
    ) -> None:
        if tls is not None:
            if tls.verify_mode != ssl.CERT_REQUIRED or not tls.check_hostname:
                raise ValueError("TLS is always verified")
            tls.sslsocket_class = TimedTlsSocket
        self._policy = policy
        self._dialer = Dialer(policy, resolver, tls or system_tls())

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Headers | None = None,
        params: Params | None = None,
        json: Any = None,
        data: Data | None = None,
        files: Mapping[str, UploadFile] | None = None,
        switch: CancelSwitch | None = None,
    ) -> Response:
        """Make a request and return its response, whatever its status. Raises HttpError."""
        with self.stream(
            method, url, headers=headers, params=params, json=json, data=data, files=files, switch=switch
        ) as stream:
            return stream.read()

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Headers | None = None,
        params: Params | None = None,
        json: Any = None,
        data: Data | None = None,
        files: Mapping[str, UploadFile] | None = None,
        switch: CancelSwitch | None = None,
    ) -> Iterator[Stream]:
        """Make a request and yield its response as soon as the head has arrived. Raises HttpError.

        `switch` cancels from the first moment on.
        """
        outgoing = compose(method, headers, json, data, files)
        target = parse_target(url, params)
        call = Call(self._policy.total_seconds, self._policy.read_seconds, switch or CancelSwitch())
        try:
            with closing(self._follow(outgoing, target, call)) as exchange:
                yield Stream(exchange.answer, exchange.target.url, call, self._policy.max_bytes)
        finally:
            call.switch.disarm()

    def _follow(self, outgoing: Outgoing, target: Target, call: Call) -> "_Exchange":
        limit = self._policy.max_redirects if outgoing.method in ("GET", "HEAD") else 0
        for _ in range(limit + 1):
            exchange = self._exchange(outgoing, target, call)
            location = exchange.answer.headers.get("Location")
            if not limit or exchange.answer.status not in REDIRECTS or not location:
                return exchange
            exchange.close()
            following = follow(target, location)
            if following.origin != target.origin:
                outgoing = outgoing.for_other_origin()
            target = following
        raise TooManyRedirectsError(f"more than {limit} redirects")

    def _exchange(self, outgoing: Outgoing, target: Target, call: Call) -> "_Exchange":
        sock = self._dialer.dial(target, call)
        exchange = _Exchange(sock, target, call)
        path = target.path
        if self._dialer.proxy and target.scheme == "http":
            path = target.url
            if authorization := self._dialer.proxy_authorization():
                headers = {**outgoing.headers, "proxy-authorization": authorization}
                outgoing = replace(outgoing, headers=headers)
        exchange.run(outgoing, path)
        return exchange


class _Exchange:
    answer: HTTPResponse

    def __init__(self, sock: TimedSocket, target: Target, call: Call) -> None:
        self.target = target
        self._sock = sock
        self._call = call
        self._wire = http.client.HTTPConnection(target.host, target.port)
        self._wire.auto_open = 0  # it must never dial by itself
        self._wire.sock = sock

    def run(self, outgoing: Outgoing, path: str) -> None:
        try:
            self.answer = self._send_and_wait(outgoing, path)
        except (http.client.HTTPException, HTTPError, OSError) as error:
            self.close()
            if self._call.switch.is_canceled:
                raise CanceledError("canceled") from error
            raise ConnectionLostError(f"{self.target.host}: {type(error).__name__}") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._call.switch.disarm()
        if hasattr(self, "answer"):
            self.answer.close()
        self._wire.close()
        self._sock.close()

    def _send_and_wait(self, outgoing: Outgoing, path: str) -> HTTPResponse:
        headers = {"host": self.target.authority, **outgoing.headers}
        try:
            self._wire.request(outgoing.method, path, outgoing.body, headers)
        except (BrokenPipeError, ConnectionResetError):
            # A server may refuse a body before it has read it (413) and hang up: its response still counts.
            self._call.time_left()
        raw = self._wire.getresponse()
        return HTTPResponse(
            body=raw,
            headers=HTTPHeaderDict(raw.headers.items()),
            status=raw.status,
            preload_content=False,
            original_response=raw,
            request_method=outgoing.method,
        )
