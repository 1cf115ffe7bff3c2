"""A long history in a few seconds: the database itself writes the rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

DIGITS = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))


def may_sort() -> bool:
    """Return whether the database weighs sorting against an index's order: MySQL does, and MariaDB since 11.0."""
    if connection.vendor == "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        version = str(cursor.fetchone()[0])
    return "MariaDB" not in version or int(version.partition(".")[0]) >= 11


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


@dataclass(frozen=True)
class Plan:
    """What EXPLAIN says. `indexes`: those that are used; `scanned`: tables of which every row is read by no index."""

    indexes: frozenset[str]
    scanned: frozenset[str]
    sorts: bool
    text: str

    def __str__(self) -> str:
        return self.text


def plan(sql: str) -> Plan:
    return _plan_of_sqlite(sql) if connection.vendor == "sqlite" else _plan_of_mysql(sql)


def _plan_of_sqlite(sql: str) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        steps = [row[-1] for row in cursor.fetchall()]
    text = "; ".join(steps)
    return Plan(
        indexes=frozenset(re.findall(r"USING (?:COVERING )?INDEX (\w+)", text)),
        scanned=frozenset(step.split()[1] for step in steps if re.fullmatch(r"SCAN \w+", step)),
        sorts="TEMP B-TREE" in text,
        text=text,
    )


def _plan_of_mysql(sql: str) -> Plan:
    """The words of EXPLAIN differ between MariaDB and MySQL, and those of MySQL between its versions."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES LIKE 'explain_json_format_version'")
        if cursor.fetchone():
            cursor.execute("SET SESSION explain_json_format_version = 1")  # 2 is another language
        cursor.execute(f"EXPLAIN FORMAT=JSON {sql}")
        text = cursor.fetchone()[0]
    nodes = list(_nodes(json.loads(text)))
    tables = [node for node in nodes if "table_name" in node]
    return Plan(
        indexes=frozenset(table["key"] for table in tables if table.get("key")),
        scanned=frozenset(table["table_name"] for table in tables if table["access_type"] == "ALL"),
        sorts=any("filesort" in node or node.get("using_filesort") for node in nodes),  # MariaDB's; MySQL's
        text=text,
    )


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _nodes(inner)


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
