"""The switch ends a call from another thread, whatever the call waits for."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from common.http import CanceledError, CancelSwitch

from .certificates import self_signed
from .local import local_client
from .raw_server import RawServer, ok, says


def test_a_call_canceled_beforehand_is_not_made() -> None:
    switch = CancelSwitch()
    switch.cancel()
    with RawServer(says(ok(b""))) as server, pytest.raises(CanceledError):
        local_client().request("GET", server.url, switch=switch)
    assert server.requests == []


def test_a_wait_for_dns_is_canceled() -> None:
    switch, asked, finish = CancelSwitch(), threading.Event(), threading.Event()

    def asleep(host: str, port: int) -> list[str]:
        asked.set()
        finish.wait(20)
        return []

    with canceling(switch, asked.wait), pytest.raises(CanceledError):
        local_client(resolver=asleep).request("GET", "http://slow.example/", switch=switch)
    finish.set()


def test_a_wait_for_a_connection_is_canceled() -> None:
    """A listener whose queue is full leaves the next connection unanswered."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address):
            switch = CancelSwitch()
            with canceling(switch, lambda: wait_for_interrupt(switch)), pytest.raises(CanceledError):
                local_client().request("GET", f"http://127.0.0.1:{address[1]}", switch=switch)


def test_a_wait_for_tls_is_canceled() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        switch = CancelSwitch()

        def hello() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1)
                switch.cancel()

        thread = threading.Thread(target=hello)
        thread.start()
        with pytest.raises(CanceledError):
            local_client().request("GET", f"https://127.0.0.1:{listener.getsockname()[1]}", switch=switch)
        thread.join()


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n\r\nabc"], ids=["head", "body"])
def test_a_wait_for_an_answer_is_canceled(tmp_path: Path, tls: bool, begun: bytes) -> None:
    server_tls, client_tls = self_signed(tmp_path) if tls else (None, None)
    switch, heard = CancelSwitch(), threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(begun)
        heard.set()
        connection.recv(1)

    with (
        RawServer(talk, tls=server_tls) as server,
        canceling(switch, heard.wait),
        pytest.raises(CanceledError),
    ):
        local_client(tls=client_tls).request("GET", server.url, switch=switch)


def test_a_stream_is_shut_from_another_thread() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        connection.recv(1)

    with RawServer(talk) as server, local_client().stream("GET", server.url) as stream:
        pieces = stream.iter_bytes()
        assert next(pieces) == b"abc"
        thread = threading.Thread(target=stream.shut)
        thread.start()
        with pytest.raises(CanceledError):
            next(pieces)
        thread.join()


def test_a_pause_is_ended_by_the_switch() -> None:
    switch = CancelSwitch()
    assert not switch.wait(0.01)
    with canceling(switch, lambda: None):
        assert switch.wait(60)


def test_a_switch_thrown_after_the_end_touches_nothing() -> None:
    switch = CancelSwitch()
    with RawServer(says(ok(b"done"))) as server:
        assert local_client().request("GET", server.url, switch=switch).content == b"done"
    switch.cancel()
    assert switch.is_canceled


class canceling:  # noqa: N801
    """Throws the switch from another thread once `ready` has returned."""

    def __init__(self, switch: CancelSwitch, ready: Callable[[], object]) -> None:
        def run() -> None:
            ready()
            switch.cancel()

        self._thread = threading.Thread(target=run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()


def wait_for_interrupt(switch: CancelSwitch) -> None:
    while not switch._interrupts:
        threading.Event().wait(0.005)
