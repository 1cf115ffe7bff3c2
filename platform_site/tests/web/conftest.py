"""The web process itself on the database of the test run, with little patience."""

from __future__ import annotations

import http.client
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from testing.patience import eventually
from testing.ports import free_port
from testing.processes import Processes

PATIENCE_SECONDS = 300.0  # for what is stuck, not a measure of speed


@dataclass(frozen=True)
class Web:
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    stack: ExitStack

    def connect(self, host: str = "127.0.0.1") -> socket.socket:
        """Closed at the end of the test at the latest."""
        found = socket.create_connection((host, self.port), PATIENCE_SECONDS)
        return self.stack.enter_context(closing(found))

    def begin(self, *lines: str) -> socket.socket:
        """A connection with the beginning of a request on it."""
        sock = self.connect()
        sock.sendall("\r\n".join(lines).encode())
        return sock

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        """The answer's status; the whole body is sent before anything is read."""
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        with closing(connection):
            connection.request(method, path, body, {"Host": "localhost", **asked})
            return connection.getresponse().status

    def is_healthy(self) -> bool:
        try:
            return self.ask("GET", "/healthz") == 200
        except ConnectionRefusedError:
            return False


Starter = Callable[..., Web]


def heard(sock: socket.socket) -> bytes:
    """Everything until the server says no more."""
    received = b""
    try:
        while more := sock.recv(1 << 16):
            received += more
    except ConnectionResetError:
        pass
    return received


@pytest.fixture
def web(transactional_db: None, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Starter]:
    """Call it with settings."""
    with ExitStack() as stack:

        def start(**environ: str) -> Web:
            log, port = tmp_path / "web.log", free_port()
            processes = stack.enter_context(Processes({"PLATFORM_PORT": str(port), **environ}, log=log))
            started = Web(port, processes.web(port), log, stack.enter_context(ExitStack()))
            eventually(started.is_healthy)
            return started

        yield start
