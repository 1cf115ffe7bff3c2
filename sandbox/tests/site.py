"""The only place that attacks may reach, and a guard that knows nothing else."""

from __future__ import annotations

import errno
import socket
import threading
import time

_PATIENCE = 60
_NAMES = {"site.example": "127.0.0.1", "inside.example": "127.0.0.2"}


class Site:
    """A server that sends back what it gets, and without end what begins with "more". A context manager."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        self._talking: set[threading.Thread] = set()

    def __enter__(self) -> Site:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def left(self) -> int:
        """Return how many connections are still open after all that are being closed have ended."""
        give_up = time.monotonic() + _PATIENCE
        while any(thread.is_alive() for thread in list(self._talking)) and time.monotonic() < give_up:
            time.sleep(0.01)
        left = [thread for thread in list(self._talking) if thread.is_alive()]
        self._talking.clear()
        return len(left)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=_talk, args=(connection,), daemon=True)
            thread.start()
            self._talking.add(thread)


def _talk(connection: socket.socket) -> None:
    with connection:
        try:
            while data := connection.recv(4096):
                connection.sendall(data)
                while data.startswith(b"more"):
                    connection.sendall(b"x" * 65536)
        except OSError:
            return


class StandInGuard:
    """Permits one port of 127.0.0.1. `over` ends the wait for a name that nobody answers for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.over = threading.Event()

    def resolve(self, host: str, seconds: float) -> list[str]:
        if host == "slow.example":
            self.over.wait(seconds)
        if host not in _NAMES:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        self._judge(_NAMES[host], self.port)
        return [_NAMES[host]]

    def dial(self, host: str, port: int, seconds: float) -> socket.socket:
        address = self.resolve(host, seconds)[0] if host in _NAMES or host == "slow.example" else host
        self._judge(address, port)
        return socket.create_connection((address, port), seconds)

    def _judge(self, address: str, port: int) -> None:
        if (address, port) != ("127.0.0.1", self.port):
            raise PermissionError(errno.EACCES, f"{address}:{port} may not be reached")
