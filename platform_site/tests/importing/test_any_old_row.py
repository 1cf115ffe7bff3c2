"""No value that an old table can hold ends an import: each row is taken, or left with its table, id and why."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from hypothesis import given, settings
from hypothesis import strategies as st

from common.visible import visible
from platform_site.tests.importing.old_schema import GUESSED, PLATFORM, WECHATJOB
from platform_site.tests.importing.running import report

pytestmark = pytest.mark.django_db

NESTED = "[" * 5000 + "]" * 5000
HARD: list[Any] = [
    None, 0, 1, -1, 32000, 2**31, 2**63 - 1, -(2**63), 1.5, 7.0, 1e308, float("inf"),
    b"", b"\xff\xfe", b"\x00", b"\x01",
    "", " ", "null", "true", "8", "[8]", "[null]", "[{}]", '["8:00"]', '["25:00"]', '["\\ud800"]', "{}",
    '{"a": NaN}', '{"a": 1e999}', NESTED, "\x00", "\x1b[2J\u202e", "x" * 101, "x" * 70_000, "睿美云",
    "0000-00-00 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "1970-01-01 00:00:00",
    "2026-02-30 08:00:00", "yesterday", "QIQI", "qiqi", "acme", "acme ", "cron", "simple", "interval", "once",
    "dify", "webhook", "script", "0 9 1-7 * mon", "0 9 13 * fri", "60 * * * *", "Nowhere/City", "running",
    "http://10.0.0.5/v1", "https://example.com/x", "ftp://x", "http://127.1/", "apprise", "wecom_bot",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(HARD),
    st.text(max_size=30),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.binary(max_size=8),
)
SCRIPTS = [
    "",
    None,
    8,
    "\x00",
    b"\xff",
    "睿美云",
    "task==",
    "result = (",
    "# /// script",
]  # each costs a process
TABLES = {
    "platform_scheduled_tasks": "tasks",
    "platform_task_notify_channels": "channels",
    "platform_task_logs": "runs",
    "platform_tenant_configs": "tenant configs",
    "platform_secrets": "secrets",
    "platform_script_vars": "variables",
    "platform_wecom_apps": "WeCom apps",
    "task_configs": "configuration",
    "task_logs": "runs",
}
# Of the others a table is left whole, where it lacks what it was known by.
DOCUMENTED = {
    "platform_scheduled_tasks", "platform_task_notify_channels", "platform_task_logs", "task_configs", "task_logs",
}  # fmt: skip
TYPES = re.compile(r" (?:NOT NULL|INTEGER|VARCHAR\(\d+\)|DATETIME|TEXT|BIGINT|INT|BOOLEAN)\b")
SCHEMAS = {
    "import_platform": TYPES.sub("", f"{PLATFORM.rstrip()};{GUESSED}"),
    "import_wechatjob": TYPES.sub("", WECHATJOB),
}
Cell = tuple[str, str, int]


def columns_of(command: str) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMAS[command])
        tables = database.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%'").fetchall()
        return [
            (command, table, column)
            for (table,) in tables
            for (column,) in database.execute("SELECT name FROM pragma_table_info(?)", (table,))
        ]


class Copy:
    """An old database whose columns have no types: what is put into them stays what it is."""

    def __init__(self, path: Path, command: str) -> None:
        self.path, self.command = path, command
        self.dsn = f"sqlite:///{path}"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as database:
            database.executescript(SCHEMAS[command])

    def put(self, table: str, column: str, values: list[Any]) -> None:
        """A copy of the first row for each, changed in one column."""
        with closing(sqlite3.connect(self.path)) as database, database:
            names = [name for (name,) in database.execute("SELECT name FROM pragma_table_info(?)", (table,))]
            first = dict(zip(names, database.execute(f"SELECT * FROM {table}").fetchone(), strict=True))
            for number, value in enumerate(values, 1000):
                row = first | {"id": number} | {column: value}
                marks = ", ".join("?" * len(row))
                database.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", list(row.values()))

    def change(self, cell: Cell, value: Any) -> None:
        table, column, number = cell
        with closing(sqlite3.connect(self.path)) as database, database:
            ids = [old_id for (old_id,) in database.execute(f"SELECT id FROM {table} ORDER BY id")]
            changed = (value, ids[number % len(ids)])
            database.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE id IS ?", changed)

    def rows(self) -> Counter[str]:
        with closing(sqlite3.connect(self.path)) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master")]
            return Counter(
                {
                    what: database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
                    for table, what in TABLES.items()
                    if table in tables
                }
            )

    def every_row_is_accounted_for(self, *options: str) -> None:
        found = report(self.command, self.dsn, *options)
        of = {
            what: [found[way].get(what, 0) for way in ("taken", "here", "left_rows")]
            for what in TABLES.values()
        }
        assert {what: sum(of[what]) for what in self.rows()} == self.rows()
        assert all(re.fullmatch(r"[\w ]+(?: \S.*)?: \S.*", line) for line in found["left"])
        assert all(visible(line) == line and "\n" not in line for line in found["left"] + found["notes"])


@pytest.mark.parametrize(
    ("command", "table", "column"), [*columns_of("import_platform"), *columns_of("import_wechatjob")]
)
def test_no_value_of_a_column_ends_an_import(command: str, table: str, column: str, tmp_path: Path) -> None:
    old = Copy(tmp_path / "old.db", command)
    old.put(table, column, SCRIPTS if column in ("script_content", "script_deps") else HARD)
    old.every_row_is_accounted_for("--apply")
    old.every_row_is_accounted_for("--apply")


@pytest.mark.parametrize("command", SCHEMAS)
def test_no_values_together_end_an_import(command: str, tmp_path: Path) -> None:
    cells = [
        (table, column)
        for _, table, column in columns_of(command)
        if column not in ("script_content", "script_deps")
    ]
    cell = st.tuples(st.sampled_from(cells), st.integers(0, 2)).map(lambda both: (*both[0], both[1]))

    @settings(max_examples=40)
    @given(st.lists(st.tuples(cell, VALUES), min_size=1, max_size=12))
    def check(changes: list[tuple[Cell, Any]]) -> None:
        old = Copy(tmp_path / "old.db", command)
        for changed, value in changes:
            old.change(changed, value)
        old.every_row_is_accounted_for()

    check()


@pytest.mark.parametrize(
    ("command", "table", "column"),
    [
        (command, table, column)
        for command in SCHEMAS
        for _, table, column in columns_of(command)
        if column != "id" and table in DOCUMENTED
    ],
)
def test_no_missing_column_ends_an_import(command: str, table: str, column: str, tmp_path: Path) -> None:
    old = Copy(tmp_path / "old.db", command)
    with closing(sqlite3.connect(old.path)) as database:
        database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    old.every_row_is_accounted_for("--apply")


@pytest.mark.parametrize(
    "table", ["platform_scheduled_tasks", "platform_task_notify_channels", "platform_task_logs"]
)
def test_a_missing_table_or_id_is_said_in_words(table: str, tmp_path: Path) -> None:
    for sql in (f"ALTER TABLE {table} RENAME COLUMN id TO number", f"DROP TABLE {table}"):
        old = Copy(tmp_path / "old.db", "import_platform")
        with closing(sqlite3.connect(old.path)) as database:
            database.execute(sql)
        if table == "platform_scheduled_tasks":
            with pytest.raises(CommandError, match=table):
                report(old.command, old.dsn)
        else:
            assert any(table in line for line in report(old.command, old.dsn)["left"])
