"""Counts of all processes, summed in Redis, because any one of several web processes answers /metrics.

Adding to a count costs an entry in a dict; a thread per process hands the entries on. What a killed process or an
emptied Redis loses is only a dent in a graph: the rows are the truth, and Prometheus takes a falling count for a
restart.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import redis

from common.redis_client import client

KEY = "platform:figures"
EVERY_SECONDS = 1.0
SUM = "sum"
Field = tuple[str, ...]


@dataclass(frozen=True)
class Count:
    """A counter.

    `labels`: the names of the values that `add` takes, in that order. `known`: values that are exported before they are
    counted. Prometheus sees a count rise, not begin: if a series began with its first event, no alert would notice it.
    """

    name: str
    text: str
    labels: tuple[str, ...]
    known: tuple[Field, ...] = ()

    def add(self, *values: str, amount: float = 1) -> None:
        _pending.add((self.name, *values), amount)


@dataclass(frozen=True)
class Histogram:
    """A histogram of seconds.

    `buckets`: the buckets' upper bounds in seconds, rising; one without a bound follows them. `known`: as in a Count.
    """

    name: str
    text: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...]
    known: tuple[Field, ...] = ()

    def observe(self, seconds: float, *values: str) -> None:
        bound = next((str(bound) for bound in self.buckets if seconds <= bound), "+Inf")
        _pending.add((self.name, *values, bound), 1)
        _pending.add((self.name, *values, SUM), seconds)


class _Pending:
    """Counts of this process that are not in Redis yet; a forked child starts with none."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: Counter[Field] = Counter()
        self.thread: threading.Thread | None = None

    def add(self, field: Field, amount: float) -> None:
        with self.lock:
            self.counts[field] += amount  # type: ignore[assignment]  # seconds are no whole numbers
            if self.thread is None:
                self.thread = threading.Thread(target=self._loop, name="figures", daemon=True)
                self.thread.start()

    def _loop(self) -> None:
        while True:
            time.sleep(EVERY_SECONDS)
            with suppress(redis.RedisError):
                self.flush()

    def flush(self) -> None:
        with self.lock:
            counts, self.counts = self.counts, Counter()
        if not counts:
            return
        try:
            with client().pipeline() as pipeline:
                for field, amount in counts.items():
                    pipeline.hincrbyfloat(KEY, json.dumps(field), amount)
                pipeline.execute()
        except redis.RedisError:
            with self.lock:
                self.counts.update(counts)
            raise


_pending = _Pending()


def _reset_after_fork() -> None:
    global _pending  # noqa: PLW0603  # a forked child counts from nothing
    _pending = _Pending()


os.register_at_fork(after_in_child=_reset_after_fork)


def flush() -> None:
    """Add what this process has counted to the sums in Redis. Raises RedisError."""
    _pending.flush()


@atexit.register
def stop() -> None:
    """Hand on the last counts of a process that ends normally: its thread doesn't notice the end."""
    with suppress(redis.RedisError):
        flush()


def totals() -> dict[Field, float]:
    """Return the sums by name and values, which in a histogram end with the bound or `SUM`. Raises RedisError."""
    return {tuple(json.loads(field)): float(amount) for field, amount in client().hgetall(KEY).items()}
