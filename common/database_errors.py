"""Which errors say that the database is away, and not that we have asked it something wrong."""

from __future__ import annotations

import sqlite3

from django.db import InterfaceError, OperationalError

# Too many connections, shutting down, a lock that did not come, a deadlock, killed. 2000 to 2099 are the client's own.
MYSQL = {1040, 1053, 1205, 1213, 1317, 1927, 3100}
SQLITE = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip


def is_away(error: BaseException | None) -> bool:
    """Whether the same may go well a little later."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    if isinstance(cause := error.__cause__, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE
    code = error.args[0] if error.args else None
    return isinstance(code, int) and (code == 0 or code in MYSQL or 2000 <= code < 2100)
