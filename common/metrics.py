"""What all processes have counted, summed in Redis: /metrics is answered by one web process of several.

To add costs an entry in a dict; a thread per process hands the entries on. What a killed process or an emptied
Redis loses is a dent in a graph: the rows are the truth, and Prometheus takes a count that falls for a restart.
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
    """`labels`: the names of what `add` is told, in that order. `known`: values that are told before they are counted.

    Prometheus sees a count rise, not begin: of one that begins with its first event no alert would hear.
    """

    name: str
    text: str
    labels: tuple[str, ...]
    known: tuple[Field, ...] = ()

    def add(self, *values: str, amount: float = 1) -> None:
        _pending.add((self.name, *values), amount)


@dataclass(frozen=True)
class Histogram:
    """`buckets`: their upper bounds in seconds, rising; one without a bound follows them. `known` as of a count."""

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
    """This process's own; a forked child starts with none."""

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


def _begin_anew() -> None:
    global _pending
    _pending = _Pending()


os.register_at_fork(after_in_child=_begin_anew)


def flush() -> None:
    """Hands on what this process has counted. Raises RedisError."""
    _pending.flush()


@atexit.register
def leave() -> None:
    """For a process that ends in peace, of which its thread hears nothing."""
    with suppress(redis.RedisError):
        flush()


def totals() -> dict[Field, float]:
    """By name and values; a histogram's with the bound or `SUM` behind them. Raises RedisError."""
    return {tuple(json.loads(field)): float(amount) for field, amount in client().hgetall(KEY).items()}
