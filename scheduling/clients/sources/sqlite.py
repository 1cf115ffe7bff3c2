"""SQLite: the file is opened read-only, and SQLite itself asks for permission for every access to a table.

The authorizer sees what a statement really touches, after views, common table expressions and aliases are resolved
(sqlite.org/c3ref/set_authorizer.html), so that no parser of our own has to be as good as SQLite's.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any
from urllib.parse import quote

from common.http import CanceledError, CancelSwitch

from .dsn import Dsn
from .errors import QueryFailedError, QueryRefusedError, QueryTimeoutError
from .rows import SECONDS, Rows, collect
from .tables import Tables

STEPS = 5000  # of SQLite's virtual machine between two looks at the clock: well under a millisecond
BUSY_SECONDS, LOCKED_SECONDS = 5, 0.05
LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# One step may work on a whole value: only these limits keep a step short.
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 4 << 20,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE)
NOT_FUNCTIONS = {"load_extension", "fts3_tokenizer"}


class _Guard:
    """`why` is a sentence for what the authorizer has refused, "" for nothing."""

    def __init__(self, tables: Tables, own: set[str], switch: CancelSwitch) -> None:
        self.tables, self.own, self.switch = tables, own, switch
        self.why = ""
        self.ends_at = time.monotonic() + SECONDS

    def authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action in READING:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and second not in NOT_FUNCTIONS:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and self._may_read(first or "", second or ""):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            self.why = f"the table {first} is not allowed for this source"
        else:
            self.why = (
                self.why or "only one SELECT is allowed, and nothing that changes, attaches or sets anything"
            )
        return sqlite3.SQLITE_DENY

    def _may_read(self, table: str, column: str) -> bool:
        """Return whether the statement may read this.

        Without a column, something is named but nothing of it is read; if it is no table, it is a WITH's name or a
        subquery. That a table is read through a view permits nothing: SQLite passes a WITH's name in the same place.
        """
        name = table.casefold()
        if name in self.own:
            return self.tables.permit(name)
        return not column

    def is_over(self) -> bool:
        return self.switch.is_canceled or time.monotonic() > self.ends_at


def query(dsn: Dsn, tables: Tables, sql: str, params: Any, switch: CancelSwitch) -> Rows:
    sql, busy_until = _with_placeholders(sql, params), time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return _run_statement(dsn, tables, sql, params, switch)
        except sqlite3.Error as error:
            # SQLite's own wait for a lock can't be ended by the switch.
            is_locked = getattr(error, "sqlite_errorcode", 0) & 0xFF in LOCKED
            if is_locked and time.monotonic() < busy_until and not switch.wait(LOCKED_SECONDS):
                continue
            if switch.is_canceled:
                raise CanceledError("canceled") from error
            raise QueryFailedError(f"SQLite: {error}") from error


def _run_statement(dsn: Dsn, tables: Tables, sql: str, params: Any, switch: CancelSwitch) -> Rows:
    with closing(_open(dsn)) as connection:
        guard = _Guard(tables, _names(connection), switch)
        for limit, value in LIMITS.items():
            connection.setlimit(limit, value)
        connection.set_authorizer(guard.authorize)
        connection.set_progress_handler(guard.is_over, STEPS)
        return _rows(connection, guard, sql, params)


def _open(dsn: Dsn) -> sqlite3.Connection:
    """Open the file with mode=ro: even a statement that passes all other checks can't write to a file or create one."""
    return sqlite3.connect(f"file:{quote(dsn.database)}?mode=ro", uri=True, timeout=0, isolation_level=None)


def _names(connection: sqlite3.Connection) -> set[str]:
    """Return all names of tables and views, case-folded, with SQLite's own ones, which no user can choose."""
    connection.execute("PRAGMA trusted_schema = OFF")
    found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    return {name.casefold() for (name,) in found} - {""}


def _rows(connection: sqlite3.Connection, guard: _Guard, sql: str, params: Any) -> Rows:
    try:
        cursor = connection.execute(sql, () if params is None else params)
        if cursor.description is None:
            raise QueryRefusedError("only a SELECT is allowed")
        return collect([column[0] for column in cursor.description], cursor)
    except sqlite3.ProgrammingError as error:  # two statements, or parameters that don't fit
        raise QueryRefusedError(str(error)) from error
    except sqlite3.Error as error:
        if guard.why:
            raise QueryRefusedError(guard.why) from error
        if guard.switch.is_canceled:
            raise CanceledError("canceled") from error
        if guard.is_over():
            raise QueryTimeoutError(f"the query took longer than {SECONDS:g} s") from error
        raise


def _with_placeholders(sql: str, params: Any) -> str:
    """Rewrite %s and %(name)s, as on the other databases, to SQLite's; %% is %. Without params change nothing."""
    if params is None:
        return sql
    try:
        if isinstance(params, dict):
            return sql % {name: f":{name}" for name in params}
        return sql % tuple("?" * len(params))
    except (TypeError, ValueError, KeyError) as error:
        raise QueryRefusedError(f"sql and params don't fit: {error}; write %% for a percent sign") from error
