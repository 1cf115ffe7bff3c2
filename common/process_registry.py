"""The living processes: beats, workers and web announce themselves in Redis with a time to live."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import redis
from django.conf import settings

from common.redis_client import client

Role = Literal["beat", "worker", "web"]
ALIVE_SECONDS = 15.0
EVERY_SECONDS = 5.0
FORGET_SECONDS = 3600.0
SLOTS_UNKNOWN = 8  # assumed while workers are starting and have not announced how many they have


@dataclass(frozen=True)
class ProcessEntry:
    """A process's announcement. `at` is its Unix time."""

    role: Role
    name: str
    queues: list[str]
    slots: int
    at: float = 0.0
    sandbox_level: int | None = None


def announce(who: ProcessEntry) -> None:
    entry = replace(who, at=time.time())
    client().hset(_key(who.role), who.name, json.dumps(asdict(entry)))


def touch_alive_file() -> None:
    """Update the file that a container's health check looks at: that must not fail when only Redis does."""
    if settings.ALIVE_FILE:
        Path(settings.ALIVE_FILE).touch()


def leave(role: Role, name: str) -> None:
    client().hdel(_key(role), name)


def keys() -> list[str]:
    """Return the keys of all entries, which are deleted after all processes were killed and had no time to leave."""
    return [_key("beat"), _key("worker"), _key("web")]


def living(role: Role) -> list[ProcessEntry]:
    """Return the processes of a role that have announced themselves lately, by name. Remove those long gone.

    They are in one hash, not under a key each: a scan for keys would read all of Redis.
    """
    now = time.time()
    known = [ProcessEntry(**json.loads(text)) for text in client().hvals(_key(role))]
    for gone in (one for one in known if now - one.at > FORGET_SECONDS):
        leave(role, gone.name)
    return sorted((one for one in known if now - one.at <= ALIVE_SECONDS), key=lambda one: one.name)


def _key(role: Role) -> str:
    return f"platform:{role}s"


def slots(queue: str) -> int:
    """Return how many runs of a queue all living workers can take at once; SLOTS_UNKNOWN if there are none."""
    return sum(worker.slots for worker in living("worker") if queue in worker.queues) or SLOTS_UNKNOWN


def all_slots() -> int:
    return sum(worker.slots for worker in living("worker")) or SLOTS_UNKNOWN


def keep_announcing(who: ProcessEntry, stop: threading.Event) -> None:
    """Announce a process until `stop` is set, in a worker's daemon thread. Goes on when Redis is away."""
    while True:
        touch_alive_file()
        with suppress(redis.RedisError):
            announce(who)
        if stop.wait(EVERY_SECONDS):
            return
