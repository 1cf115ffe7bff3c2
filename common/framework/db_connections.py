"""A few database connections, lent to threads for a moment.

An io worker's hundreds of threads wait for other services most of the time, and then often want to write all at once:
when Dify comes back, or when many runs are due together. MySQL allows 151 connections for all clients by default, and
opening one costs as much as a run's writes, so a few connections go from thread to thread. A script worker's process
runs one script at a time, in its main thread, which keeps its own connection.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

AT_ONCE = 16  # threads of one process that may have a connection at a time
IDLE_SECONDS = 2.0


class ConnectionPool:
    """The connections of one process.

    `idle` holds open connections and when they were used last, by the monotonic clock, the latest at the end.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.semaphore = threading.BoundedSemaphore(at_once)
        self.lock = threading.Lock()
        self.idle: list[tuple[float, BaseDatabaseWrapper]] = []

    @contextmanager
    def lent(self) -> Iterator[None]:
        with self.semaphore:
            if _keeps_its_own():
                yield
            else:
                yield from self._lending()

    def _lending(self) -> Iterator[None]:
        """Replace the thread's own connection, which is seldom open, by a lent one for the duration of the block."""
        own, lent = connections[DEFAULT_DB_ALIAS], self._take()
        connections[DEFAULT_DB_ALIAS] = lent
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = own
            with self.lock:
                self.idle.append((time.monotonic(), lent))

    def _take(self) -> BaseDatabaseWrapper:
        with self.lock:
            if self.idle:
                return self.idle.pop()[1]
        new = connections.create_connection(DEFAULT_DB_ALIAS)
        new.inc_thread_sharing()
        return new

    def close_idle(self, monotonic: float) -> bool:
        """Close the connections that were idle for IDLE_SECONDS. Return whether others are still open."""
        with self.lock:
            over = [lent for used_at, lent in self.idle if monotonic - used_at >= IDLE_SECONDS]
            self.idle = self.idle[len(over) :]
            left = bool(self.idle)
        for lent in over:
            lent.close()
        return left


def _keeps_its_own() -> bool:
    return threading.current_thread() is threading.main_thread()


_pool = ConnectionPool()


def lent_connection() -> AbstractContextManager[None]:
    """Lend the thread one of the process's few connections, as soon as one is free. Must not be nested."""
    return _pool.lent()


def close_idle() -> bool:
    return _pool.close_idle(time.monotonic())


def end_task() -> None:
    """Close the connection that a Celery task has opened on its thread beside lent ones, and idle ones.

    Otherwise hundreds of threads would keep hundreds open.
    """
    if not _keeps_its_own():
        connections[DEFAULT_DB_ALIAS].close()
    close_idle()
