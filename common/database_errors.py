"""Database errors that mean that the database is away or has ended a deadlock, and not that a query was wrong."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError

T = TypeVar("T")
logger = logging.getLogger(__name__)
MYSQL_DEADLOCK = 1213
DEADLOCK_TRIES = 5

# Too many connections, shutting down, a lock wait timeout, a deadlock, read-only (a replica that is about to take
# over), killed. 2000 to 2099 are the client's own errors.
MYSQL = {1040, 1053, 1205, MYSQL_DEADLOCK, 1290, 1317, 1836, 1927, 3100}
SQLITE = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip


def is_database_away(error: BaseException | None) -> bool:
    """Return whether the same operation may succeed a little later."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    if isinstance(cause := error.__cause__, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE
    code = error.args[0] if error.args else None
    return isinstance(code, int) and (code == 0 or code in MYSQL or 2000 <= code < 2100)


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Return a function that returns True until so many seconds from now: a `may_wait`."""
    ends = time.monotonic() + seconds
    return lambda: time.monotonic() < ends


def repeated_while_away(ask: Callable[[], T], may_wait: Callable[[], bool], pause_seconds: float = 1.0) -> T:
    """Return what `ask` returns, calling it again while the database is away and `may_wait()` is true.

    Otherwise its error is raised. `ask` may take effect more than once: when a connection breaks at a commit, nobody
    knows whether the commit was carried out.
    """
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError) as error:
            if not is_database_away(error) or not may_wait():
                raise
            logger.warning("The database does not answer yet: %s", error)
            time.sleep(pause_seconds)


def repeated_if_deadlocked(transaction: Callable[[], T]) -> T:
    """Run a whole transaction, and run it again if the database ended it to resolve a deadlock.

    MySQL ends one of two transactions that insert the same value into a unique index as soon as a third has deleted
    it: no order of locks avoids that.
    """
    for _ in range(DEADLOCK_TRIES - 1):
        try:
            return transaction()
        except OperationalError as error:
            if error.args[:1] != (MYSQL_DEADLOCK,):
                raise
    return transaction()
