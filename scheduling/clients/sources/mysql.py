"""MySQL and MariaDB: a statement that a parser has read, in a read-only transaction with a time limit.

The strongest guard is a database user with no right but SELECT on the allowed tables, as the documentation advises.
The guards here also hold where the operator has given a user with more rights.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pymysql
from pymysql.constants import ER
from pymysql.cursors import SSCursor

from common.http import CanceledError, CancelSwitch, ConnectFailedError, reach

from .dsn import Dsn
from .errors import QueryFailedError, QueryRefusedError, QueryTimeoutError
from .rows import MAX_ROWS, SECONDS, Rows, collect
from .statement import Statement, read
from .tables import Tables

CONNECT_SECONDS = 5
MARIADB_TIMEOUT = 1969  # ER_STATEMENT_TIMEOUT; MySQL's is 3024
TIMEOUTS = {MARIADB_TIMEOUT, ER.QUERY_TIMEOUT}
LOST = {2006, 2013}  # the socket was shut, by the switch or by the read's own time limit


class _Cursor(SSCursor):
    """Reads row by row, and closes with rows unread, where PyMySQL would read them all first."""

    _result: Any
    connection: Any

    def close(self) -> None:
        if self._result is not None:
            self._result.unbuffered_active = False
        self.connection = None


def query(dsn: Dsn, tables: Tables, sql: str, params: Any, switch: CancelSwitch) -> Rows:
    try:
        with _connect(dsn, switch) as connection:
            return _rows(connection, dsn, tables, sql, params)
    except pymysql.MySQLError as error:
        raise _as_source_error(error, switch) from error
    except (ConnectFailedError, OSError) as error:
        raise QueryFailedError(f"the database can't be reached: {error}") from error


@contextmanager
def _connect(dsn: Dsn, switch: CancelSwitch) -> Iterator[Any]:
    """Connect for the block. The switch shuts the connection, also while it waits."""
    sock = reach(dsn.host, dsn.port, CONNECT_SECONDS, switch)
    ours = sock.dup()  # TLS takes over the other one
    connection = pymysql.connect(
        user=dsn.user,
        password=dsn.password,
        host=dsn.host,
        database=dsn.database,
        charset="utf8mb4",
        read_timeout=SECONDS + CONNECT_SECONDS,
        write_timeout=CONNECT_SECONDS,
        cursorclass=_Cursor,
        # No ANSI_QUOTES, no NO_BACKSLASH_ESCAPES: strings end where `statement` sees them end.
        sql_mode="NO_ENGINE_SUBSTITUTION",
        ssl=ssl.create_default_context() if dsn.tls else None,
        local_infile=False,
        defer_connect=True,
    )

    def shut() -> None:
        with suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)

    try:
        switch.arm(shut)
        connection.connect(sock)
        yield connection
    finally:
        switch.disarm()
        shut()
        ours.close()
        connection.close()


def _rows(connection: Any, dsn: Dsn, tables: Tables, sql: str, params: Any) -> Rows:
    with connection.cursor() as cursor:
        try:
            text = cursor.mogrify(sql, params)
        except (TypeError, ValueError, KeyError) as error:
            raise QueryRefusedError(
                f"sql and params don't fit: {error}; write %% for a percent sign"
            ) from error
    statement = read(text)
    _require_tables(connection, statement, dsn, tables)
    _make_read_only(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql)
        return collect([column[0] for column in cursor.description], iter(cursor.fetchone, None))


def _require_tables(connection: Any, statement: Statement, dsn: Dsn, tables: Tables) -> None:
    for schema, name in statement.tables:
        if schema and schema.casefold() != dsn.database.casefold():
            raise QueryRefusedError(f"only the database {dsn.database} is allowed, not {schema}")
        if schema or name.casefold() not in statement.defined:
            tables.require(name)
    if statement.defined:
        _refuse_taken_names(connection, statement.defined)


def _refuse_taken_names(connection: Any, defined: frozenset[str]) -> None:
    """Refuse a WITH name that is a table's: it hides the table in a part of the statement only, so it is ambiguous."""
    marks = ", ".join(["%s"] * len(defined))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() "  # noqa: S608
            f"AND LOWER(table_name) IN ({marks})",
            sorted(defined),
        )
        if taken := cursor.fetchone():
            raise QueryRefusedError(f"WITH {taken[0]}: a table of this name exists, choose another")


def _make_read_only(connection: Any) -> None:
    is_mariadb = "mariadb" in connection.get_server_info().lower()
    limit = f"max_statement_time = {SECONDS}" if is_mariadb else f"max_execution_time = {SECONDS * 1000:.0f}"
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION {limit}, SESSION sql_select_limit = {MAX_ROWS + 1}")
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute("START TRANSACTION READ ONLY")


def _as_source_error(error: pymysql.MySQLError, switch: CancelSwitch) -> Exception:
    code, *words = error.args or (0,)
    if switch.is_canceled:
        return CanceledError("canceled")
    if code in TIMEOUTS or (code in LOST and "timed out" in str(words)):
        return QueryTimeoutError(f"the query took longer than {SECONDS:g} s")
    return QueryFailedError(f"MySQL: {words[0] if words else error}")
