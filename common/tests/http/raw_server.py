"""A server on 127.0.0.1 that says exactly the bytes it is told to, and remembers what it heard."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

Conversation = Callable[[socket.socket], None]


class RawServer:
    """`talk(connection)` runs in a thread for each connection, after the request has been read.

    `requests` are the raw heads and bodies in order of arrival.
    """

    def __init__(
        self, talk: Conversation, tls: ssl.SSLContext | None = None, reads_body: bool = True
    ) -> None:
        self._talk = talk
        self._reads_body = reads_body
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self.requests: list[bytes] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> "RawServer":
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def until_stopped(self, seconds: float) -> bool:
        """A pause in a conversation; false when it's time to end it."""
        return not self._stopped.wait(seconds)

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                connection.settimeout(10)
                self._start(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        # A client that hangs up in the middle is what many tests are about.
        with suppress(OSError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self.requests.append(read_request(connection, self._reads_body))
            self._talk(connection)
        connection.close()


def read_request(connection: socket.socket, with_body: bool = True) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    if not with_body:
        return head
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("the client hung up")
    return piece


def says(*parts: bytes) -> Conversation:
    def talk(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return talk


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
