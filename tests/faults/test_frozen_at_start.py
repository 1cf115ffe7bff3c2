"""Redis or the database is frozen while a process starts: it waits, and says so once. Nothing is started again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from redis import Redis, RedisError

from testing.frozen import frozen
from testing.patience import eventually
from testing.ports import free_port
from testing.processes import ROOT, Processes
from testing.servers.mariadb import MariaDb
from testing.servers.redis_server import RedisServer

pytestmark = pytest.mark.services
WAITING = "does not answer yet"


class Place:
    """A database and a Redis of the test's own, and the processes of a platform on them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stack = folder, ExitStack()
        self.said = folder / "said"
        self.web_port, self.flower_port = free_port(), free_port()

    def __enter__(self) -> Place:
        self.database = self.stack.enter_context(MariaDb(free_port(), self.folder))
        self.redis = self.stack.enter_context(RedisServer(free_port(), self.folder))
        environ = {
            "DATABASE_URL": self.database.url,
            "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0",
            "PLATFORM_DATA_DIR": str(self.folder),
            "FLOWER_PORT": str(self.flower_port),
            "FLOWER_BASIC_AUTH": "somebody:else",
        }
        self.processes = self.stack.enter_context(Processes(environ, log=self.said))
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=self.processes.environ, check=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def start(self) -> list[subprocess.Popen[bytes]]:
        return [
            self.processes.beat(),
            self.processes.worker("threads", 2, "io"),
            self.processes.worker("threads", 2, "notify"),
            self.processes.worker("prefork", 1, "script"),
            self.processes.web(self.web_port),
            self.processes.flower(),
        ]

    def answers(self, path: str = "/readyz", port: int = 0) -> bool:
        address = f"http://127.0.0.1:{port or self.web_port}{path}"
        opener = build_opener(ProxyHandler({}))
        with suppress(OSError), opener.open(address, timeout=60) as answer:  # HTTPError is one
            return bool(answer.status == 200)
        return False

    def waiting(self) -> int:
        return self.said.read_text(errors="replace").count(WAITING)

    def listening(self) -> int:
        """How many webs have had the port, one after the other."""
        return self.said.read_text(errors="replace").count("Listening on")

    def announced(self) -> int:
        with suppress(RedisError), Redis(port=self.redis.port) as client:
            return int(client.hlen("platform:beats")) + int(client.hlen("platform:workers"))
        return 0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Place(tmp_path) as made:
        yield made


@pytest.mark.parametrize("part", ["redis", "database"])
def test_what_starts_meanwhile_waits_and_then_works(part: str, place: Place) -> None:
    with frozen(getattr(place, part).pid):
        running = place.start()
        eventually(lambda: place.waiting() and place.answers("/healthz"))
        assert [process.poll() for process in running] == [None] * len(running)
    eventually(lambda: place.announced() == 4 and place.answers())
    eventually(lambda: place.answers("/healthcheck", place.flower_port))
    assert place.waiting() == 1
    assert [process.poll() for process in running] == [None] * len(running)


def test_a_web_that_is_killed_with_its_hands_full_leaves_the_port_to_the_next(place: Place) -> None:
    """Its worker waits for the frozen database, and would keep the port for as long as that takes."""
    first = place.processes.web(place.web_port)
    eventually(lambda: place.answers("/healthz"))
    place.answers("/readyz")  # the thread that answers has a connection from now on
    assert connections(place.database.port) == 1
    with frozen(place.database.pid):
        asked = subprocess.Popen(["curl", "-s", f"http://127.0.0.1:{place.web_port}/readyz"])
        eventually(lambda: connections(place.web_port))
        first.kill()
        first.wait()
        second = place.processes.web(place.web_port)
        eventually(lambda: place.listening() == 2 or second.poll() is not None)
        assert second.poll() is None
    asked.wait()
    eventually(lambda: place.answers("/healthz"))


def connections(port: int) -> int:
    """How many are open to it from here."""
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(row.split()[2].endswith(f":{port:04X}") and row.split()[3] == "01" for row in rows)
