"""A script's own connections: they are made by the host and behave like any others."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.host.network import NetworkAccess, NetworkLimits
from sandbox.host.runner import Limits, Result, Runner, Script
from sandbox.tests.site import Site, StandInGuard

Run = Callable[..., Result]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site
        assert site.left() == 0


@pytest.fixture
def run(runner: Runner, site: Site, lines: list[tuple[str, str]]) -> Run:
    """run(source, guard=…, limits=…, network=NetworkLimits(), **options) → Result; get_param("port") is the site's"""

    def run(source: str, **options: Any) -> Result:
        guard = options.pop("guard", None) or StandInGuard(site.port)
        access = NetworkAccess(guard, options.pop("network", NetworkLimits()))
        return runner.run(
            Script(
                f"import socket\nSITE = ('site.example', get_param('port'))\n{source}",
                params={"port": site.port},
            ),
            grants={"get_var": lambda **_: 1},
            network=access,
            interrupt=guard.over.set,
            **{
                "limits": Limits(wall_seconds=60),
                "on_line": lambda stream, text: lines.append((stream, text)),
                **options,
            },
        )

    return run


def _value(ended: Result) -> Any:
    assert ended.error == ""
    return ended.result


@pytest.mark.parametrize(
    "wait",
    [
        "import select; select.select([c], [], [], 30)",
        "import select; p = select.poll(); p.register(c, select.POLLIN); p.poll(30000)",
        "import select; p = select.epoll(); p.register(c, select.EPOLLIN); p.poll(30)",
        "import selectors; s = selectors.DefaultSelector(); s.register(c, selectors.EVENT_READ); s.select(30)",
    ],
)
def test_every_way_of_waiting_works(run: Run, wait: str) -> None:
    source = f"""
c = socket.create_connection(SITE)
c.setblocking(False)
c.sendall(b'hello')
{wait}
result = c.recv(99).decode()
"""
    assert _value(run(source)) == "hello"


def test_a_socket_keeps_its_number_timeout_and_options(run: Run) -> None:
    source = """
c = socket.socket()
c.settimeout(17)
c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 77)
before = c.fileno()
c.connect(SITE)
result = [c.fileno() == before, c.gettimeout(), c.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
          c.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE), list(c.getpeername())]
"""
    same, *kept, peer = _value(run(source))
    assert (same, kept, peer[0]) == (True, [17, 1, 77], "127.0.0.1")


def test_a_time_out_of_the_script_is_raised(run: Run) -> None:
    source = """
c = socket.create_connection(SITE, timeout=0.05)
try:
    c.recv(1)
except TimeoutError:
    result = 'late'
"""
    assert _value(run(source)) == "late"


def test_a_connection_that_is_not_blocking_is_there_at_once(run: Run) -> None:
    source = """
c = socket.socket()
c.setblocking(False)
result = [c.connect_ex(SITE), c.getblocking()]
"""
    assert _value(run(source)) == [0, False]


def test_names_are_looked_up_in_every_form(run: Run) -> None:
    source = """
result = [
    socket.getaddrinfo('site.example', 80, type=socket.SOCK_STREAM),
    socket.getaddrinfo(b'site.example', 'https', socket.AF_INET),
    socket.getaddrinfo('127.0.0.1', 80, proto=socket.IPPROTO_TCP),
    socket.gethostbyname('site.example'),
    socket.gethostbyname_ex('site.example'),
]
"""
    entry = [2, 1, 6, "", ["127.0.0.1", 80]]
    assert _value(run(source)) == [
        [entry],
        [[2, 1, 6, "", ["127.0.0.1", 443]]],
        [entry],
        "127.0.0.1",
        ["site.example", [], ["127.0.0.1"]],
    ]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("socket.getaddrinfo('nobody.example', 80)", "socket.gaierror"),
        ("socket.getaddrinfo('site.example', 80, socket.AF_INET6)", "socket.gaierror"),
        ("socket.getaddrinfo('site.example', 'no such service')", "socket.gaierror"),
        ("socket.create_connection(('inside.example', 80))", "PermissionError"),
        ("socket.socket().connect(('site.example', 65536))", "OverflowError"),
        ("socket.socket().connect(('site.example', '80'))", "TypeError"),
    ],
)
def test_what_fails_raises_what_it_always_raises(run: Run, call: str, error: str) -> None:
    assert _value(run(f"try:\n    {call}\nexcept {error}:\n    result = 'raised'")) == "raised"


@pytest.mark.parametrize(
    "close", ["c.close()", "c.detach() and socket.socket().close()", "f = c.makefile(); c.close(); f.close()"]
)
def test_a_closed_connection_ends_at_the_other_end_too(runner: Runner, close: str) -> None:
    """The host has a handle of it: it must not be what keeps the connection open."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                assert connection.recv(1) == b""
                ended.set()

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        close = close.replace("c.detach()", "__import__('os').close(c.detach()) is None")
        source = (
            f"import socket\nc = socket.create_connection(('127.0.0.1', {port}))\n{close}\nget_var('closed')"
        )
        result = runner.run(
            Script(source),
            grants={"get_var": lambda **_: ended.wait(60)},
            network=NetworkAccess(StandInGuard(port)),
        )
        thread.join()
    assert (result.error, ended.is_set()) == ("", True)


def test_connections_of_several_threads_are_made_at_once(run: Run, site: Site) -> None:
    meeting = threading.Barrier(8, timeout=60)

    class Meeting(StandInGuard):
        def dial(self, host: str, port: int, seconds: float) -> socket.socket:
            meeting.wait()
            return super().dial(host, port, seconds)

    source = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    result = len(list(pool.map(lambda _: socket.create_connection(SITE), range(8))))
"""
    assert _value(run(source, guard=Meeting(site.port))) == 8


def test_threads_connect_again_as_often_as_they_close(run: Run) -> None:
    """As many as may be open at a time: none counts twice, and none is taken for closed while it is handed over."""
    source = """
from concurrent.futures import ThreadPoolExecutor
def connect(_):
    with socket.create_connection(SITE) as connection:
        connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        return bool(connection.recv(1))
with ThreadPoolExecutor(32) as pool:
    result = sum(pool.map(connect, range(320)))
"""
    assert _value(run(source)) == 320


def test_asyncio_goes_on_while_a_connection_is_made(run: Run, site: Site) -> None:
    class Slow(StandInGuard):
        def dial(self, host: str, port: int, seconds: float) -> socket.socket:
            assert reported.wait(60)
            return super().dial(host, port, seconds)

    reported = threading.Event()
    source = """
import asyncio
async def tick():
    await asyncio.sleep(0)
    print('ticking', flush=True)
async def main():
    (reader, writer), _ = await asyncio.gather(asyncio.open_connection(*SITE), tick())
    writer.write(b'hello')
    found = await reader.readexactly(5)
    writer.close()
    await writer.wait_closed()
    return found.decode()
result = asyncio.run(main())
"""
    assert _value(run(source, guard=Slow(site.port), on_line=lambda *_: reported.set())) == "hello"


def test_the_log_tells_where_a_script_has_been(run: Run, site: Site, lines: list[tuple[str, str]]) -> None:
    source = """
for _ in range(3):
    with socket.create_connection(SITE) as c:
        c.sendall(b'x' * 2000)
        while c.recv(1) and False: pass
try:
    socket.create_connection(('inside.example', 80))
except PermissionError:
    pass
"""
    assert run(source).error == ""
    refused, moved = [text for stream, text in lines if stream == "system"]
    assert refused == f"network: 127.0.0.2:{site.port} may not be reached"
    assert moved.startswith(f"network: site.example:{site.port} ×3, ")


def test_a_script_without_network_says_nothing_of_it(run: Run, lines: list[tuple[str, str]]) -> None:
    run("result = 1")
    assert lines == []


def test_many_targets_are_counted_in_one_line(run: Run, lines: list[tuple[str, str]], site: Site) -> None:
    class Anywhere(StandInGuard):
        def resolve(self, host: str, seconds: float) -> list[str]:
            return ["127.0.0.1"]

        def dial(self, host: str, port: int, seconds: float) -> socket.socket:
            return super().dial("127.0.0.1", site.port, seconds)

    source = "for n in range(30):\n    socket.create_connection((f'10.0.0.{n}', 80)).close()"
    assert run(source, guard=Anywhere(site.port)).error == ""
    (line,) = [text for _, text in lines]
    assert ", 22 more, " in line


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (NetworkLimits(at_once=3), "More than 3 connections at a time."),
        (NetworkLimits(dials=3), "More than 3 connections in one run."),
    ],
)
def test_connections_are_limited(run: Run, network: NetworkLimits, words: str) -> None:
    source = """
held = []
try:
    while True:
        held.append(socket.create_connection(SITE))
except OSError as error:
    result = [len(held), error.strerror, error.errno]
"""
    assert _value(run(source, network=network)) == [3, words, errno.EMFILE]


def test_names_that_are_being_looked_up_are_no_connections(run: Run, site: Site) -> None:
    source = """
import threading
for _ in range(8):
    threading.Thread(target=socket.gethostbyname, args=('slow.example',), daemon=True).start()
held = [socket.create_connection(('127.0.0.1', SITE[1])) for _ in range(3)]
result = len(held)
"""
    assert _value(run(source, network=NetworkLimits(at_once=3))) == 3


def test_a_cancel_ends_a_wait_for_a_name(run: Run, site: Site) -> None:
    guard = StandInGuard(site.port)
    ended = run("socket.getaddrinfo('slow.example', 80)", guard=guard, canceled=lambda: True)
    assert (ended.status, guard.over.is_set()) == ("canceled", True)


def test_an_error_that_nobody_foresaw_is_told_to_the_script(run: Run, site: Site) -> None:
    class Broken(StandInGuard):
        def resolve(self, host: str, seconds: float) -> list[str]:
            raise ValueError("nobody foresaw this")

    ended = run("socket.getaddrinfo('site.example', 80)", guard=Broken(site.port))
    assert "OSError: [Errno 5] nobody foresaw this" in ended.error


def test_without_a_network_the_words_say_what_to_use(runner: Runner) -> None:
    ended = runner.run(Script("import socket\nsocket.create_connection(('site.example', 80))"), grants={})
    assert (
        "PermissionError: [Errno 13] A script has no network of its own here (SCRIPT_NETWORK is off)"
        in ended.error
    )
    assert "http_get()" in ended.error
