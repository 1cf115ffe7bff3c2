"""The only way out: every request that a tenant can influence is made here, by requests and behind our guard."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .answer import Response, Stream
from .call import Call, CancelSwitch
from .dial import Dialer, Resolver, system_resolver, system_tls
from .outgoing import Data, Headers, UploadFile
from .policy import Policy
from .sockets import TimedTlsSocket
from .urls import Params, parse_target


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
        # Here, because many processes make no request: the library takes 6 MB and 40 ms.
        from .session import GuardedSession, prepare  # noqa: PLC0415

        request = prepare(method, parse_target(url, params), headers, json, data, files)
        call = Call(self._policy.total_seconds, self._policy.read_seconds, switch or CancelSwitch())
        with GuardedSession(self._dialer, call) as session:
            stream = Stream(session.follow(request, self._policy.max_redirects), call, self._policy.max_bytes)
            del request  # its body may be large, and the stream be read for hours
            yield stream
