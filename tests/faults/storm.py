"""Carries the planned faults out, and notes when it did."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from random import Random

from testing.patience import eventually
from testing.process_tree import Seen
from testing.servers.mariadb import MariaDb
from testing.servers.redis_server import RedisServer
from tests.faults import connections
from tests.faults.crew import ROLES, Crew, kill
from tests.faults.plan import AGAIN, Fault
from tests.faults.verdict import Struck

VICTIM_SECONDS = 900.0
WORKERS = ("io", "notify", "script")


class Storm:
    """A thread for each lane; `struck` grows while they run."""

    def __init__(self, crew: Crew, database: MariaDb, redis: RedisServer, random: Random) -> None:
        self.crew, self.database, self.redis, self.random = crew, database, redis, random
        self.struck: list[Struck] = []
        self.errors: list[BaseException] = []
        self.strikes: dict[str, Callable[[float], None]] = {
            "database frozen": lambda seconds: freeze(database.pid, seconds),
            "database away": lambda seconds: _restart(database, seconds),
            "connections killed": lambda seconds: connections.kill_single(database.port, random, seconds),
            "connections used up": lambda seconds: connections.use_up(database.port, seconds),
            "transaction left open": lambda seconds: connections.leave_open(database.port, seconds),
            "long reads": lambda seconds: connections.read_long(database.port, seconds),
            "redis frozen": lambda seconds: freeze(redis.pid, seconds),
            "redis emptied": lambda seconds: _restart(redis, seconds),
            "beat": self._role("beat"),
            "beats away": lambda seconds: crew.away("beat", lambda: time.sleep(seconds)),
            "io worker": self._role("io"),
            "notify worker": self._role("notify"),
            "script worker": self._role("script"),
            "web": self._role("web"),
            "one worker again and again": self._again,
            "worker child": lambda _: self._one_of(crew.children),
            "zygote": lambda _: self._one_of(crew.zygotes),
        }

    def rage(self, lanes: Sequence[Sequence[Fault]]) -> None:
        """Returns when the last fault is over. Raises what one of them has raised."""
        begin = time.monotonic()
        threads = [threading.Thread(target=self._lane, args=(lane, begin)) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for error in self.errors:
            raise error

    def _lane(self, faults: Sequence[Fault], begin: float) -> None:
        try:
            for fault in faults:
                time.sleep(max(0.0, begin + fault.at - time.monotonic()))
                since = time.time()
                print(f"{time.monotonic() - begin:6.1f} s  {fault.name}", flush=True)
                self.strikes[fault.name](fault.seconds)
                self.struck.append(Struck(fault.name, since, time.time()))
        except BaseException as error:  # it ends the storm, in the thread that waits for it
            self.errors.append(error)

    def _role(self, name: str) -> Callable[[float], None]:
        roles = [role for role in ROLES if role.startswith(name)]
        return lambda seconds: self.crew.kill(self.random.choice(roles), lambda: time.sleep(seconds))

    def _again(self, seconds: float) -> None:
        """Before it has come to itself."""
        role = self.random.choice([role for role in ROLES if role.startswith(WORKERS)])
        for _ in range(AGAIN):
            self.crew.kill(role, lambda: time.sleep(seconds / AGAIN))

    def _one_of(self, victims: Callable[[], list[Seen]]) -> None:
        """Waits where there is none: without a database no script runs, and no zygote is needed."""
        eventually(lambda: (found := victims()) and kill(self.random.choice(found)), VICTIM_SECONDS)


def freeze(pid: int, seconds: float) -> None:
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)


def _restart(server: MariaDb | RedisServer, seconds: float) -> None:
    server.stop()
    time.sleep(seconds)
    server.start()
