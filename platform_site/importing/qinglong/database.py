"""QingLong's SQLite database, opened read-only and read row by row: it may be broken, and its rows of any size."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import quote

from platform_site.importing.old_row import OldRow
from platform_site.importing.source import SourceError

MAX_ROWS = 10_000  # of a table
MAX_ROW_BYTES = 2 << 20
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"


class TooLargeRow(OldRow):
    def raw(self, column: str) -> Any:
        self.refuse(column, f"The row takes more than {MAX_ROW_BYTES >> 20} MiB.")


@dataclass(frozen=True)
class Database:
    connection: sqlite3.Connection
    tables: frozenset[str]
    zone: tzinfo

    def rows(self, table: str) -> Iterator[OldRow]:
        """Yield the table's rows by their ids. Raises SourceError where the table is broken, or has too many."""
        try:
            ids = self.connection.execute(
                f'SELECT id FROM "{table}" ORDER BY id LIMIT {MAX_ROWS + 1}'  # noqa: S608  a name of ours
            ).fetchall()
            if len(ids) > MAX_ROWS:
                raise SourceError(f"The table {table} has more than {MAX_ROWS:,} rows.")
            for (old_id,) in ids:
                yield self._row(table, old_id)
        except sqlite3.Error as error:
            raise SourceError(f"The table {table} can't be read: {error}") from error

    def _row(self, table: str, old_id: Any) -> OldRow:
        shown = old_id.decode(errors="replace") if isinstance(old_id, bytes) else old_id
        query = f'SELECT * FROM "{table}" WHERE id IS ?'  # noqa: S608
        with closing(self.connection.cursor()) as cursor:
            try:
                values = cursor.execute(query, (old_id,)).fetchone()
            except sqlite3.DataError:
                return TooLargeRow(table, shown, {}, self.zone)
            names = [column[0].lower() for column in cursor.description]
        return OldRow(table, shown, dict(zip(names, values, strict=True)), self.zone)


@contextmanager
def open_database(path: Path, zone: tzinfo) -> Iterator[Database]:
    """Open the database. Raises SourceError where it is none."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_ROW_BYTES)
            connection.text_factory = bytes  # text that can't be decoded then fails one row only
            names = [name.decode(errors="replace") for (name,) in connection.execute(TABLES)]
            yield Database(connection, frozenset(names), zone)
    except sqlite3.Error as error:
        raise SourceError(f"QingLong's database can't be read: {error}") from error
