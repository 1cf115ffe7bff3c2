"""When a connection of a script is over: it leaves its place then and no earlier, and is counted to the end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.host.network import NetworkAccess, NetworkLimits
from sandbox.host.runner import Result, Runner, Script
from sandbox.tests.site import Site, StandInGuard

Run = Callable[..., Result]


@pytest.fixture
def run(runner: Runner) -> Run:
    """run(source, guard, limits, **options) → Result"""

    def run(source: str, guard: StandInGuard, limits: NetworkLimits | None = None, **options: Any) -> Result:
        script = Script(f"import socket\nSITE = ('127.0.0.1', {guard.port})\n{source}")
        access = NetworkAccess(guard, limits or NetworkLimits())
        return runner.run(script, grants={}, network=access, interrupt=guard.over.set, **options)

    return run


def test_a_connection_that_changes_its_number_is_not_taken_for_closed(run: Run) -> None:
    """One thread puts its connection in the place of a lower number, which another that looks for it has passed."""
    source = """
import os, threading
low, high = socket.socket(), [socket.socket() for _ in range(9)]
closed = high.pop()
arrived, passed, moved = threading.Event(), threading.Event(), threading.Event()
set_blocking, fstat = os.set_blocking, os.fstat
def arrive(fd, blocking):
    set_blocking(fd, blocking)
    arrived.set()
    passed.wait(0.5)  # where nobody looks meanwhile, this is in vain
def look(fd):
    if threading.current_thread() is threading.main_thread() and fd == low.fileno() + 1:
        passed.set()
        moved.wait()
    return fstat(fd)
def connect():
    low.connect(SITE)
    moved.set()
os.set_blocking, os.fstat = arrive, look
thread = threading.Thread(target=connect)
thread.start()
arrived.wait()
closed.close()
thread.join()
low.sendall(b"hello")
result = low.recv(5).decode()
"""
    with Site() as site:
        assert run(source, StandInGuard(site.port)).result == "hello"


def test_a_connection_that_nobody_waits_for_any_more_leaves_its_place(run: Run) -> None:
    class Slow(StandInGuard):
        def dial(self, host: str, port: int, seconds: float) -> socket.socket:
            assert reported.wait(60)
            return super().dial(host, port, seconds)

    reported = threading.Event()
    source = """
import signal, time
def give_up(*_):
    raise TimeoutError
signal.signal(signal.SIGALRM, give_up)
for _ in range(3):
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        socket.create_connection(SITE)
    except TimeoutError:
        pass
print('given up', flush=True)
for _ in range(900):
    try:
        held = socket.create_connection(SITE)
        result = 'connected'
        break
    except OSError:
        time.sleep(0.01)
"""
    with Site() as site:
        ended = run(source, Slow(site.port), NetworkLimits(at_once=3), on_line=lambda *_: reported.set())
    assert (ended.error, ended.result) == ("", "connected")


def test_a_connection_for_which_no_number_is_free_leaves_its_place(run: Run) -> None:
    source = """
import os
sockets, held, result = [socket.socket() for _ in range(3)], [], []
try:
    while True:
        held.append(os.dup(0))
except OSError:
    pass
for each in sockets:
    try:
        each.connect(SITE)
    except OSError as error:
        result.append(error.strerror)
for each in held:
    os.close(each)
held = [socket.create_connection(SITE) for _ in range(3)]
"""
    with Site() as site:
        ended = run(source, StandInGuard(site.port), NetworkLimits(at_once=3))
    assert (ended.error, ended.result) == ("", ["Too many open files"] * 3)


def test_what_a_closed_connection_has_yet_to_send_is_counted(run: Run) -> None:
    source = """
with socket.create_connection(SITE) as connection:
    connection.setblocking(False)
    try:
        while True:
            connection.send(b'x' * 65536)
    except BlockingIOError:
        pass
"""
    lines: list[str] = []
    with socket.socket() as sink:
        sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sink.bind(("127.0.0.1", 0))
        sink.listen()
        guard = StandInGuard(sink.getsockname()[1])
        assert run(source, guard, on_line=lambda stream, text: lines.append(text)).error == ""
    assert " MB out" in lines[0]
