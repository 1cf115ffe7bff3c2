"""A database of one of the two old systems: opened to be read, table by table, in the order of the ids."""

from __future__ import annotations

import json
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import pymysql
import pymysql.cursors

from scheduling.clients.sources import WrongDsn, read_dsn
from scheduling.clients.sources.dsn import Dsn

CHUNK = 500
CONNECT_SECONDS = 10
Row = dict[str, Any]


class Unreachable(Exception):
    """Its text holds no password."""


@dataclass(frozen=True)
class OldDatabase:
    """`tables`: {name: its columns}."""

    name: str
    tables: dict[str, frozenset[str]]
    _ask: Callable[[str], list[Row]]

    def rows(self, table: str) -> Iterator[Row]:
        for chunk in self.chunks(table):
            yield from chunk

    def chunks(self, table: str) -> Iterator[list[Row]]:
        """By ids, each a query of its own: an import may take its time over each."""
        if "id" not in self.tables[table]:
            yield self._ask(f"SELECT * FROM `{table}`")  # noqa: S608  a name that the database itself has told
            return
        last = 0
        while chunk := self._ask(f"SELECT * FROM `{table}` WHERE id > {last:d} ORDER BY id LIMIT {CHUNK}"):  # noqa: S608
            yield chunk
            last = int(chunk[-1]["id"])


@contextmanager
def opened(text: str) -> Iterator[OldDatabase]:
    """By its DSN, as data sources have it. Raises Unreachable."""
    try:
        dsn = read_dsn(text)
        with OPEN[dsn.kind](dsn) as old:
            yield old
    except WrongDsn as error:
        raise Unreachable(str(error)) from error
    except (pymysql.MySQLError, sqlite3.Error, OSError) as error:
        raise Unreachable(f"The old database can't be read: {error}") from error


@contextmanager
def _mysql(dsn: Dsn) -> Iterator[OldDatabase]:
    connection = pymysql.connect(
        host=dsn.host,
        port=dsn.port,
        user=dsn.user,
        password=dsn.password,
        database=dsn.database,
        charset="utf8mb4",
        connect_timeout=CONNECT_SECONDS,
        cursorclass=pymysql.cursors.DictCursor,
        init_command="SET SESSION TRANSACTION READ ONLY",
        autocommit=True,
        ssl=ssl.create_default_context() if dsn.tls else None,
    )

    def ask(sql: str) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    with closing(connection):
        columns = ask(
            "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = DATABASE()"
        )
        yield OldDatabase(dsn.database, _by_table((row["t"], row["c"]) for row in columns), ask)


@contextmanager
def _sqlite(dsn: Dsn) -> Iterator[OldDatabase]:
    connection = sqlite3.connect(f"file:{quote(dsn.database)}?mode=ro", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row

    def ask(sql: str) -> list[Row]:
        return [dict(row) for row in connection.execute(sql)]

    with closing(connection):
        names = [row["name"] for row in ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = ((name, row["name"]) for name in names for row in ask(f"PRAGMA table_info(`{name}`)"))
        yield OldDatabase(PurePath(dsn.database).stem, _by_table(columns), ask)


OPEN = {"mysql": _mysql, "sqlite": _sqlite}


def _by_table(columns: Iterator[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for table, column in columns:
        found.setdefault(table, set()).add(column.lower())
    return {table: frozenset(names) for table, names in found.items()}


def moment(value: Any, zone: tzinfo) -> datetime | None:
    """Both old systems kept local times without a zone. None also for what is no time, as 0000-00-00."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def json_value(value: Any, default: Any) -> Any:
    """A JSON column; `default` for NULL and for what is no JSON."""
    if not isinstance(value, str):
        return default if value is None else value
    try:
        return json.loads(value)
    except ValueError:
        return default
