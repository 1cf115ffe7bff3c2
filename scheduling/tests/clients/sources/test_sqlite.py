"""Hostile SQL against a SQLite file that holds open tables and closed ones."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from common.http import CanceledError, CancelSwitch
from scheduling.clients.sources import (
    QueryFailedError,
    QueryRefusedError,
    QueryTimeoutError,
    Rows,
    Tables,
    query,
    read_dsn,
)
from scheduling.clients.sources import rows as limits
from scheduling.clients.sources import sqlite as source

SCHEMA = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, city TEXT, amount REAL, raw BLOB);
INSERT INTO orders VALUES (1, '上海', 2.5, x'00ff'), (2, '100%', NULL, 'text');
CREATE TABLE secret (word TEXT);
INSERT INTO secret VALUES ('open sesame');
CREATE VIEW peep AS SELECT word FROM secret;
CREATE TRIGGER t INSTEAD OF INSERT ON peep BEGIN DELETE FROM orders; END;
"""
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    connection = sqlite3.connect(tmp_path / "shop.db")
    connection.executescript(SCHEMA)
    connection.close()
    return tmp_path / "shop.db"


def ask(
    path: Path,
    sql: str,
    params: Any = None,
    allowed: tuple[str, ...] = ("orders",),
    switch: CancelSwitch | None = None,
) -> Rows:
    return query(read_dsn(f"sqlite:///{path}"), Tables(allowed), sql, params, switch or CancelSwitch())


def test_rows_are_dicts_of_json(path: Path) -> None:
    assert ask(path, "SELECT * FROM orders ORDER BY id").items == [
        {"id": 1, "city": "上海", "amount": 2.5, "raw": "00ff"},
        {"id": 2, "city": "100%", "amount": None, "raw": "text"},
    ]


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("SELECT id FROM orders WHERE city = %s", ["上海"]),
        ("SELECT id FROM orders WHERE city = %(city)s", {"city": "上海"}),
        ("SELECT id FROM orders WHERE city LIKE '上%%' AND id = %s", [1]),
        ("SELECT id FROM orders WHERE city LIKE '上%'", None),
    ],
)
def test_params_are_bound(path: Path, sql: str, params: Any) -> None:
    assert ask(path, sql, params).items == [{"id": 1}]


def test_a_hostile_param_is_a_value(path: Path) -> None:
    assert ask(path, "SELECT id FROM orders WHERE city = %s", ["' OR 1=1 --"]).items == []


@pytest.mark.parametrize(
    ("sql", "params"), [("SELECT %s", []), ("SELECT %s", [1, 2]), ("SELECT 1", [1]), ("SELECT 5 % 2", [1])]
)
def test_params_that_do_not_fit_are_refused(path: Path, sql: str, params: Any) -> None:
    with pytest.raises(QueryRefusedError, match="params"):
        ask(path, sql, params)


@pytest.mark.parametrize(
    "sql",
    [
        "WITH o AS (SELECT id FROM orders) SELECT id, 1 AS n FROM o",
        "WITH secret AS (SELECT 1 AS id) SELECT id FROM secret",
        "SELECT count(*) AS n FROM (SELECT 1 FROM orders)",
        "WITH x AS (SELECT 1) SELECT count(*) AS n FROM x",
        "SELECT id FROM orders UNION SELECT 3",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n",
        "SELECT id FROM orders; -- nothing after it",
        "SELECT upper(city) AS u, row_number() OVER (ORDER BY id) AS n FROM main.orders",
    ],
)
def test_what_reads_open_tables_is_taken(path: Path, sql: str) -> None:
    assert ask(path, sql).items


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT word FROM secret",
        "SELECT count(*) FROM secret",
        "SELECT 1 FROM secret",
        "SELECT word FROM peep",
        "SELECT id, (SELECT word FROM secret) FROM orders",
        "SELECT id FROM orders WHERE EXISTS (SELECT 1 FROM secret WHERE word LIKE 'o%')",
        "SELECT id FROM orders UNION ALL SELECT word FROM secret",
        "SELECT * FROM orders, secret",
        "SELECT * FROM orders NATURAL JOIN main.secret",
        "WITH orders AS (SELECT word FROM secret) SELECT * FROM orders",
        "WITH secret AS (SELECT * FROM main.secret) SELECT * FROM secret",
        "SELECT * FROM secret UNION SELECT * FROM (WITH secret AS (SELECT 1) SELECT * FROM secret)",
        'SELECT * FROM "SECRET"',
        "SELECT/**/word/**/FROM/**/secret",
        "SELECT sql FROM sqlite_master",
        "SELECT sql FROM sqlite_schema",
        "SELECT name FROM pragma_table_list",
        "SELECT name FROM pragma_table_info('secret')",
        "SELECT data FROM sqlite_dbpage",
        "SELECT * FROM dbstat",
    ],
)
def test_a_closed_table_stays_closed(path: Path, sql: str) -> None:
    with pytest.raises((QueryRefusedError, QueryFailedError)):
        ask(path, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO orders VALUES (3, '', 0, '')",
        "INSERT INTO peep VALUES (1)",
        "UPDATE orders SET city = ''",
        "DELETE FROM orders",
        "WITH x AS (SELECT 1) DELETE FROM orders",
        "REPLACE INTO orders VALUES (1, '', 0, '')",
        "INSERT INTO orders SELECT * FROM orders RETURNING *",
        "DROP TABLE orders",
        "CREATE TABLE t AS SELECT * FROM orders",
        "CREATE TEMP TABLE t (x)",
        "ALTER TABLE orders ADD x",
        "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON",
        "PRAGMA database_list",
        "ATTACH '/etc/passwd' AS other",
        "VACUUM INTO '/tmp/copy.db'",
        "BEGIN",
        "SAVEPOINT s",
        "ANALYZE",
        "REINDEX",
        "SELECT load_extension('/tmp/x.so')",
        "SELECT fts3_tokenizer('x')",
        "SELECT 1; DROP TABLE orders",
        "SELECT 1; SELECT 2",
        "SELECT id FROM orders; DELETE FROM orders",
        "",
        "-- nothing",
        "no SQL at all",
    ],
)
def test_what_is_no_select_is_refused_and_changes_nothing(path: Path, sql: str) -> None:
    before = path.read_bytes()
    with pytest.raises((QueryRefusedError, QueryFailedError)):
        ask(path, sql)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["shop.db"]


def test_a_refusal_names_the_table(path: Path) -> None:
    with pytest.raises(QueryRefusedError, match="secret is not allowed"):
        ask(path, "SELECT * FROM secret")


def test_without_a_list_all_but_the_closed_are_open(path: Path) -> None:
    dsn, tables = read_dsn(f"sqlite:///{path}"), Tables((), closed=["SECRET"])
    assert query(dsn, tables, "SELECT id FROM orders", None, CancelSwitch()).items
    with pytest.raises(QueryRefusedError):
        query(dsn, tables, "SELECT word FROM secret", None, CancelSwitch())


def test_a_huge_result_is_cut(path: Path) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    rows = ask(path, sql)
    assert (len(rows.items), rows.is_cut, rows.items[-1]) == (limits.MAX_ROWS, True, {"i": limits.MAX_ROWS})


def test_wide_rows_are_refused_before_they_fill_the_memory(path: Path) -> None:
    with pytest.raises(QueryRefusedError, match="MiB"):
        ask(
            path,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT hex(zeroblob(1000000)) FROM n",
        )


@pytest.mark.parametrize(
    "sql", ["SELECT hex(zeroblob(1000000000))", "SELECT replace(hex(zeroblob(2000000)), '00', 'xxxxxxxx')"]
)
def test_one_value_can_not_fill_the_memory(path: Path, sql: str) -> None:
    with pytest.raises(QueryFailedError, match="too big"):
        ask(path, sql)


def test_an_endless_query_ends_with_its_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "SECONDS", 0.2)
    with pytest.raises(QueryTimeoutError):
        ask(path, ENDLESS)


def test_the_switch_ends_a_query(path: Path) -> None:
    switch = CancelSwitch()
    threading.Timer(0.2, switch.cancel).start()
    with pytest.raises(CanceledError):
        ask(path, ENDLESS, switch=switch)


def test_two_columns_of_one_name_are_refused(path: Path) -> None:
    with pytest.raises(QueryRefusedError, match="AS"):
        ask(path, "SELECT a.id, b.id FROM orders a, orders b")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(QueryFailedError):
        ask(tmp_path / "none.db", "SELECT 1")
    assert list(tmp_path.iterdir()) == []
