"""Sockets that look at the call's clock before every wait.

A plain timeout starts anew with each byte, so a server that sends one byte a second would never be late.
"""

import socket
import ssl
from contextlib import suppress
from typing import Any

from .call import Call
from .errors import CanceledError


class TimedSocket(socket.socket):
    call: Call | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        call = self.call
        if call is None:
            return super().recv_into(*args, **kwargs)
        self.settimeout(min(call.time_left(), max(call.read_seconds, 0.001)))
        try:
            count = super().recv_into(*args, **kwargs)
        except TimeoutError as error:
            raise call.timed_out() from error
        if call.switch.is_canceled:
            raise CanceledError("canceled")
        return count

    def send(self, *args: Any) -> int:
        self._allow_the_rest()
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self._allow_the_rest()
        try:
            super().sendall(*args)
        except TimeoutError as error:
            assert self.call is not None
            raise self.call.timed_out() from error

    def _allow_the_rest(self) -> None:
        if self.call is not None:
            self.settimeout(self.call.time_left())


class TimedTlsSocket(TimedSocket, ssl.SSLSocket):
    """The socket of an SSLContext that has it as `sslsocket_class`. `SSLSocket.sendall` calls `send` per record."""


def shut(sock: socket.socket) -> None:
    """Wake the threads that wait on a socket. SSLSocket's own `shutdown` would drop its TLS state under the reader."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
