"""A long history in a few seconds: the database itself writes the rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

DIGITS = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))


def prepare(*tables: str) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -400000")  # KiB: the indexes fit in
    for table in tables:
        empty(table)


def empty(table: str) -> None:
    """Its next row has id 1, whatever other tests have written and taken back."""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DELETE FROM {table}")
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        else:
            cursor.execute(f"TRUNCATE {table}")


def copies(row: Model, count: int, columns: Mapping[str, str]) -> None:
    """Inserts `count` rows like the unsaved `row`; `columns` gives SQL for some, in which `n` counts from 0."""
    quote = connection.ops.quote_name
    fields = {str(field.column): field for field in row._meta.concrete_fields if not field.primary_key}
    given = [field for column, field in fields.items() if column not in columns]
    values = [columns.get(column, "%s").replace(" % ", " %% ") for column in fields]
    sql = (
        f"INSERT INTO {quote(row._meta.db_table)} ({', '.join(map(quote, fields))})"
        f" SELECT {', '.join(values)} FROM ({numbers(count)}) numbers WHERE n < {count} ORDER BY n"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [field.get_db_prep_save(field.pre_save(row, True), connection) for field in given]
        )


def numbers(count: int) -> str:
    """SQL for at least so many numbers from 0: no recursion, whose depth MariaDB limits."""
    places = range(len(str(count - 1)))
    number = " + ".join(f"t{place}.d * {10**place}" for place in places)
    return f"SELECT {number} AS n FROM " + " CROSS JOIN ".join(f"({DIGITS}) t{place}" for place in places)


def seconds_after(since: datetime, seconds: str) -> str:
    """SQL for a time; `seconds` is SQL for a number."""
    text = since.strftime("%Y-%m-%d %H:%M:%S")
    if connection.vendor == "sqlite":
        return f"datetime('{text}', ({seconds}) || ' seconds')"
    return f"TIMESTAMPADD(SECOND, {seconds}, '{text}')"


def analyze(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{'ANALYZE' if connection.vendor == 'sqlite' else 'ANALYZE TABLE'} {table}")


def plan(sql: str) -> str:
    """What EXPLAIN says, in one line."""
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}")
        return "; ".join(" ".join(map(str, row)) for row in cursor.fetchall())


def rows_read(sql: str) -> int:
    """How many rows the database touches for a statement, sorting included; on SQLite about that."""
    return _steps_of_sqlite(sql) // 10 if connection.vendor == "sqlite" else _reads_of_mysql(sql)


def _steps_of_sqlite(sql: str) -> int:
    """Instructions of its virtual machine; a row takes 5 (a scan that drops it) to 100 (one that is sorted)."""
    hundreds = 0

    def count() -> int:
        nonlocal hundreds
        hundreds += 1
        return 0

    connection.connection.set_progress_handler(count, 100)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.fetchall()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return hundreds * 100


def _reads_of_mysql(sql: str) -> int:
    with connection.cursor() as cursor:
        before = _handler_reads(cursor)
        cursor.execute(sql)
        cursor.fetchall()
        return _handler_reads(cursor) - before


def _handler_reads(cursor: CursorWrapper) -> int:
    cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
    return sum(int(value) for _, value in cursor.fetchall())
