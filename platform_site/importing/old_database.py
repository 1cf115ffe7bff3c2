"""A database of one of the two old systems, opened read-only and read table by table in the order of the ids."""

from __future__ import annotations

import sqlite3
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

import pymysql
import pymysql.cursors

from platform_site.importing.old_row import OldRow
from platform_site.importing.source import SourceError, source_key
from scheduling.clients.sources import InvalidDsnError, read_dsn
from scheduling.clients.sources.dsn import Dsn

CHUNK = 500
CONNECT_SECONDS = 10
Columns = dict[str, Any]
Opened = tuple[Sequence[tuple[str, str]], Callable[[str, Sequence[Any]], list[Columns]]]


class OldDatabaseError(SourceError):
    """The old database can't be opened or read. The message holds no password."""


@dataclass(frozen=True)
class OldDatabase:
    """An open old database.

    `tables` is {name: its columns}. `key` tells the database from one of the same name on another server.
    """

    name: str
    key: str
    tables: dict[str, frozenset[str]]
    zone: tzinfo
    _ask: Callable[[str, Sequence[Any]], list[Columns]]

    def rows(self, table: str, names: Mapping[str, str] | None = None) -> Iterator[OldRow]:
        """Yield the table's rows in the order of their ids; none where there is no such table."""
        for chunk in self.chunks(table, names):
            yield from chunk

    def chunks(self, table: str, names: Mapping[str, str] | None = None) -> Iterator[list[OldRow]]:
        """Yield the rows in chunks, by ids. Each is a query of its own: an import may take its time over each."""
        for chunk in self._chunks(table):
            lowered = [{name.lower(): value for name, value in columns.items()} for columns in chunk]
            yield [OldRow(table, _id(columns["id"]), columns, self.zone, names or {}) for columns in lowered]

    def _chunks(self, table: str) -> Iterator[list[Columns]]:
        columns = self.tables.get(table, frozenset())
        if columns and "id" not in columns:
            found = self._ask(f"SELECT * FROM `{table}`", ())  # noqa: S608  a name that the database itself has told
            yield [{"id": number, **row} for number, row in enumerate(found, 1)]
        elif columns:
            order = f"ORDER BY id LIMIT {CHUNK}"
            chunk, seen = self._ask(f"SELECT * FROM `{table}` {order}", ()), 0  # noqa: S608
            while chunk:
                yield chunk
                seen += len(chunk)
                last = next(value for name, value in chunk[-1].items() if name.lower() == "id")
                if isinstance(last, int):
                    chunk = self._ask(f"SELECT * FROM `{table}` WHERE id > %s {order}", (last,))  # noqa: S608
                else:  # slower, but right for any other type of id in SQLite
                    chunk = self._ask(f"SELECT * FROM `{table}` {order} OFFSET {seen}", ())  # noqa: S608


@contextmanager
def open_database(text: str, zone: tzinfo, known_as: str = "") -> Iterator[OldDatabase]:
    """Open an old database by a DSN such as data sources have. Raises OldDatabaseError.

    `known_as` takes the place of the address in its key, where the address has changed.
    """
    try:
        dsn = read_dsn(text)
        with OPEN[dsn.kind](dsn) as (tables, ask):
            name = dsn.database if dsn.host else PurePath(dsn.database).stem
            yield OldDatabase(
                name, source_key(known_as or name, known_as or _address(dsn)), _by_table(tables), zone, ask
            )
    except InvalidDsnError as error:
        raise OldDatabaseError(str(error)) from error
    except (pymysql.MySQLError, sqlite3.Error, OSError) as error:
        raise OldDatabaseError(f"The old database can't be read: {error}") from error


@contextmanager
def _mysql(dsn: Dsn) -> Iterator[Opened]:
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

    def ask(sql: str, values: Sequence[Any] = ()) -> list[Columns]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    with closing(connection):
        columns = ask(
            "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = DATABASE()"
        )
        yield [(row["t"], row["c"]) for row in columns], ask


@contextmanager
def _sqlite(dsn: Dsn) -> Iterator[Opened]:
    connection = sqlite3.connect(f"file:{quote(dsn.database)}?mode=ro", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.text_factory = bytes  # text that can't be decoded then fails one row only

    def ask(sql: str, values: Sequence[Any] = ()) -> list[Columns]:
        return [dict(row) for row in connection.execute(sql.replace("%s", "?"), values)]

    with closing(connection):
        columns = ask(
            "SELECT t.name AS t, c.name AS c FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
        )
        yield [(row["t"].decode(), row["c"].decode()) for row in columns], ask


OPEN = {"mysql": _mysql, "sqlite": _sqlite}


def _id(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _address(dsn: Dsn) -> str:
    return f"{dsn.host.lower()}:{dsn.port}/{dsn.database}" if dsn.host else str(Path(dsn.database).resolve())


def _by_table(columns: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for table, column in columns:
        found.setdefault(table, set()).add(column.lower())
    return {table: frozenset(names) for table, names in found.items()}
