"""A database connection for a moment.

An io worker's hundreds of threads wait for others most of the time, and then often want to write all at once: when
Dify comes back, when a herd is due. MySQL gives 151 connections to everybody by default, and to open one costs as
much as a run's writes: a few go from thread to thread. A script worker's process runs one script at a time, in its
main thread, which keeps its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

AT_ONCE = 16  # of one process's attempts
FRESH_SECONDS = 1.0  # since its last use; after that a connection is asked whether the server still has it
IDLE_SECONDS = 2.0


class Turns:
    """`idle` are open connections and when they were used last, by the monotonic clock, the latest at the end."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.semaphore = threading.BoundedSemaphore(at_once)
        self.lock = threading.Lock()
        self.idle: list[tuple[float, BaseDatabaseWrapper]] = []
        self.own_used_at = -FRESH_SECONDS

    @contextmanager
    def turn(self) -> Iterator[None]:
        with self.semaphore:
            if threading.current_thread() is threading.main_thread():
                yield from self._own()
            else:
                yield from self._lent()

    def _own(self) -> Iterator[None]:
        _mend(connections[DEFAULT_DB_ALIAS], self.own_used_at)
        try:
            yield
        finally:
            self.own_used_at = time.monotonic()

    def _lent(self) -> Iterator[None]:
        """The thread's own stands back meanwhile; it is seldom open."""
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
            found = self.idle.pop() if self.idle else None
        if found is None:
            new = connections.create_connection(DEFAULT_DB_ALIAS)
            new.inc_thread_sharing()
            return new
        used_at, lent = found
        _mend(lent, used_at)
        return lent

    def close_idle(self, monotonic: float) -> bool:
        """Closes what nobody has wanted lately; whether others are still open."""
        with self.lock:
            over = [lent for used_at, lent in self.idle if monotonic - used_at >= IDLE_SECONDS]
            self.idle = self.idle[len(over) :]
            left = bool(self.idle)
        for lent in over:
            lent.close()
        return left


def _mend(connection: BaseDatabaseWrapper, used_at: float) -> None:
    """Closes one that broke or has grown old; it opens again where it is used."""
    if connection.errors_occurred or time.monotonic() - used_at >= FRESH_SECONDS:
        connection.close_if_unusable_or_obsolete()


_turns = Turns()


def turn() -> AbstractContextManager[None]:
    """Waits for one's turn and lends a connection for it. Not to be nested."""
    return _turns.turn()


def close_idle() -> bool:
    return _turns.close_idle(time.monotonic())
