"""A server that is never silent and never done: it sends a byte every half second, whatever the request."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

EACH_SECONDS = 0.5


@contextmanager
def dripping(begin: bytes = b"") -> Iterator[int]:
    """Run the server and yield its port; each connection gets `begin` first."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(begin)
            while not over.wait(EACH_SECONDS):
                connection.sendall(b"1")

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
