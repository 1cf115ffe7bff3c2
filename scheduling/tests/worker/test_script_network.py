"""Scripts use the libraries that people know, against real servers, as far as the guard lets them."""

from __future__ import annotations

import base64
import hashlib
import ssl
import struct
import sysconfig
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from common.http import CancelSwitch, Connections, Policy
from common.networks import parse
from common.tests.http.certificates import self_signed
from sandbox.host.network import NetworkAccess
from sandbox.host.runner import Limits, Result, Runner, Script
from scheduling.models import Run
from scheduling.tests import make
from scheduling.worker import script_network
from scheduling.worker.attempt import attempt
from tenants.models import TenantConfig
from testing.ports import free_port
from testing.servers.mariadb import MariaDb
from testing.servers.redis_server import RedisServer
from testing.servers.threaded import Threaded

PACKAGES = sysconfig.get_paths()["purelib"]
FEED = b"<rss version='2.0'><channel><title>News</title><item><title>One</title></item></channel></rss>"
SOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
NETWORK = "OUTBOUND_ALLOWED_NETWORKS"
RunScript = Callable[..., Result]


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.answer(302, b"", Location="/")
        elif self.path == "/stream":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for number in range(3):
                self.wfile.write(b"6\r\npart %d\r\n" % number)
            self.wfile.write(b"0\r\n\r\n")
        elif self.path == "/echo":
            self.speak_web_socket()
        else:
            self.answer(200, FEED if self.path == "/feed" else b"hello")

    def do_POST(self) -> None:
        self.answer(200, self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def speak_web_socket(self) -> None:
        """Send one message back, unmasked (RFC 6455)."""
        digest = hashlib.sha1(self.headers["Sec-WebSocket-Key"].encode() + SOCKET_KEY).digest()
        accept = base64.b64encode(digest).decode()
        self.send_response(101)
        for name, value in (
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", accept),
        ):
            self.send_header(name, value)
        self.end_headers()
        _, length = struct.unpack("BB", self.rfile.read(2))
        mask, masked = self.rfile.read(4), self.rfile.read(length & 0x7F)
        plain = bytes(byte ^ mask[at % 4] for at, byte in enumerate(masked))
        self.wfile.write(struct.pack("BB", 0x81, len(plain)) + plain)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        return


class TlsSite(Site):
    context: ssl.SSLContext

    def setup(self) -> None:
        self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("certificates")
    TlsSite.context, _ = self_signed(folder, "site.test")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(folder / "server.pem"))
        yield folder


@pytest.fixture(scope="module")
def sites(certificates: Path) -> Iterator[dict[str, str]]:
    with Threaded(Site) as plain, Threaded(TlsSite) as secure:
        yield {"plain": f"http://site.test:{plain.port}", "secure": f"https://site.test:{secure.port}"}


@pytest.fixture(scope="module")
def runner(certificates: Path) -> Iterator[Runner]:
    with Runner(deps_dirs=[PACKAGES]) as runner:
        yield runner


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def run(runner: Runner, sites: dict[str, str], lines: list[str]) -> RunScript:
    """run(source, networks="127.0.0.0/8", **params): the script's result, with what `sites` names as parameters"""

    def run(source: str, networks: str = "127.0.0.0/8", **params: Any) -> Result:
        policy = Policy(allowed_networks=parse(networks.split(",")), public_ports={443})
        guard = Connections(policy, CancelSwitch(), lambda: 60, resolver=_resolve)
        return runner.run(
            Script(source, params=sites | params, import_paths=[PACKAGES]),
            grants={},
            limits=Limits(wall_seconds=120, nofile=64),
            on_line=lambda stream, text: lines.append(text),
            network=NetworkAccess(guard),
        )

    return run


def _resolve(host: str, port: int) -> list[str]:
    if host != "site.test":
        raise OSError("no such name")
    return ["127.0.0.1"]


USES = {
    "urllib": """
import urllib.request
def get(url):
    return urllib.request.urlopen(url).read().decode()
result = [get(get_param(kind) + path) for kind in ('plain', 'secure') for path in ('/', '/redirect', '/stream')]
""",
    "requests": """
import requests
with requests.Session() as session:
    result = [session.get(get_param(kind) + path).text for kind in ('plain', 'secure')
              for path in ('/', '/redirect', '/stream')]
    assert session.post(get_param('secure'), json={'a': 1}).json() == {'a': 1}
""",
    "httpx": """
import httpx
with httpx.Client(follow_redirects=True) as client:
    result = [client.get(get_param(kind) + path).text for kind in ('plain', 'secure')
              for path in ('/', '/redirect', '/stream')]
""",
    "httpx, async": """
import asyncio
import httpx
async def main():
    async with httpx.AsyncClient(follow_redirects=True) as client:
        urls = [get_param(kind) + path for kind in ('plain', 'secure') for path in ('/', '/redirect', '/stream')]
        return [answer.text for answer in await asyncio.gather(*map(client.get, urls))]
result = asyncio.run(main())
""",
    "aiohttp": """
import asyncio
import aiohttp
async def main():
    async with aiohttp.ClientSession() as session:
        found = []
        for kind in ('plain', 'secure'):
            for path in ('/', '/redirect', '/stream'):
                async with session.get(get_param(kind) + path) as answer:
                    found.append(await answer.text())
        async with session.ws_connect(get_param('plain') + '/echo') as web_socket:
            await web_socket.send_str('over a web socket')
            assert (await web_socket.receive()).data == 'over a web socket'
        return found
result = asyncio.run(main())
""",
}


@pytest.mark.parametrize("library", USES)
def test_a_library_of_the_web_works(run: RunScript, library: str) -> None:
    ended = run(USES[library])
    assert (ended.error, ended.result) == ("", ["hello", "hello", "part 0part 1part 2"] * 2)


def test_a_feed_is_read(run: RunScript) -> None:
    source = "import feedparser\nresult = feedparser.parse(get_param('plain') + '/feed').entries[0].title"
    ended = run(source)
    assert (ended.error, ended.result) == ("", "One")


def test_redis_is_asked(run: RunScript, tmp_path: Path) -> None:
    port = free_port()
    with RedisServer(port, tmp_path):
        source = """
import redis
with redis.Redis('site.test', get_param('port'), socket_timeout=20, socket_keepalive=True) as client:
    client.set('key', 'value')
    result = client.get('key').decode()
"""
        ended = run(source, port=port)
    assert (ended.error, ended.result) == ("", "value")


def test_a_connection_is_kept_for_the_next_request_and_the_log_tells_of_it(
    run: RunScript, lines: list[str], sites: dict[str, str]
) -> None:
    source = """
import requests
with requests.Session() as session:
    for _ in range(5):
        session.get(get_param('plain'))
for _ in range(2):
    requests.get(get_param('plain'))
result = True
"""
    assert run(source).error == ""
    target = sites["plain"].removeprefix("http://")
    assert lines[-1].startswith(f"network: {target} ×3, ")
    assert lines[-1].endswith(" KB out")


@pytest.mark.parametrize("library", USES)
def test_what_is_not_open_is_refused_in_words_through_every_library(
    run: RunScript, lines: list[str], library: str
) -> None:
    ended = run(USES[library], networks="10.0.0.0/8")
    assert ended.error_code == "script_error"
    assert "site.test leads to 127.0.0.1, which is not a public address" in ended.error
    assert NETWORK in ended.error
    assert [line for line in lines if NETWORK in line]


def test_a_refusal_that_a_library_swallows_is_in_the_log(run: RunScript, lines: list[str]) -> None:
    source = "import feedparser\nresult = len(feedparser.parse(get_param('plain') + '/feed').entries)"
    assert run(source, networks="10.0.0.0/8").result == 0
    assert len(lines) == 1
    assert lines[0].startswith("network: site.test leads to 127.0.0.1, which is not a public address")


def test_a_network_may_be_open_at_some_ports_only(
    run: RunScript, lines: list[str], sites: dict[str, str]
) -> None:
    port = sites["plain"].rpartition(":")[2]
    source = USES["urllib"].replace("('plain', 'secure')", "('plain',)")
    assert run(source, networks=f"127.0.0.0/8:{port},1").error == ""
    ended = run(source, networks="127.0.0.0/8:1,2")
    assert (
        f"port {port} of 127.0.0.1 is not open to tasks; the operator can open it (OUTBOUND_ALLOWED_NETWORKS)"
        in ended.error
    )


def test_networks_and_their_ports_are_read() -> None:
    opened = parse(["10.1.0.0/16:3306", "6379", "fd12::/16:443", "192.168.7.5/32", "fd00::/8"])
    assert list(map(str, opened)) == ["10.1.0.0/16:3306,6379", "fd12::/16:443", "192.168.7.5/32", "fd00::/8"]
    assert opened[2] == ip_network("192.168.7.5/32")


@pytest.mark.parametrize(
    "wrong", ["10.1.0.0/16:", "10.1.0.0/16:0", "10.1.0.0/16:65536", "80", "10.1.0.0/16,80"]
)
def test_wrong_networks_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # in the words of ipaddress, mostly
        parse(wrong.split(","))


CONNECT = """
import urllib.request
result = urllib.request.urlopen({url!r}).read().decode()
"""


def attempted(url: str) -> Run:
    run = make.run(make.task(timezone.now(), script_content=CONNECT.format(url=url)), timezone.now())
    attempt(run.trace_id)
    run.refresh_from_db()
    return run


@pytest.mark.django_db(transaction=True)
def test_a_tasks_script_has_the_network_of_its_settings(settings: Any) -> None:
    with Threaded(Site) as site:
        run = attempted(f"http://127.0.0.1:{site.port}/")
        assert (run.error, run.result) == ("", "hello")
        assert f"network: 127.0.0.1:{site.port} ×1, " in "".join(line.text for line in run.lines.all())
        settings.OUTBOUND_ALLOWED_NETWORKS = ()
        assert "127.0.0.1 is not a public address" in attempted(f"http://127.0.0.1:{site.port}/").error


@pytest.mark.django_db(transaction=True)
def test_operator_and_tenant_can_switch_the_network_off(settings: Any) -> None:
    def is_open() -> bool:
        switch = CancelSwitch()
        return script_network.access("acme", switch, lambda: 60) is not None

    make.tenant("acme")
    assert is_open()
    row = TenantConfig.objects.create(tenant_id="acme", app_code="script", config_key="network", value="Off")
    assert not is_open()
    row.delete()
    settings.SCRIPT_NETWORK = "off"
    assert not is_open()


@pytest.mark.services
def test_a_database_is_asked(run: RunScript, tmp_path: Path) -> None:
    port = free_port()
    with MariaDb(port, tmp_path):
        source = """
import pymysql
with pymysql.connect(host='site.test', port=get_param('port'), user='root', database='platform') as connection:
    with connection.cursor() as cursor:
        cursor.execute('SELECT 6 * 7')
        result = cursor.fetchone()[0]
"""
        ended = run(source, port=port)
    assert (ended.error, ended.result) == ("", 42)
