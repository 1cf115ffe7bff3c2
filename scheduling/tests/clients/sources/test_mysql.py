"""Hostile SQL against a MariaDB or MySQL: the one that DATABASE_URL names."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pymysql
import pytest
from django.db import connection as platform

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
from scheduling.clients.sources import mysql as source
from scheduling.clients.sources import rows as limits

pytestmark = [pytest.mark.services, pytest.mark.django_db]
SHOP = f"shop_{os.getpid()}"  # one for each process of a parallel run; $shop in what follows
SCHEMA = """
CREATE DATABASE $shop CHARACTER SET utf8mb4;
USE $shop;
CREATE TABLE orders (id INT PRIMARY KEY, city VARCHAR(50), amount DECIMAL(10, 2), at DATETIME, raw BLOB, took TIME);
INSERT INTO orders VALUES (1, '上海', 2.50, '2026-01-02 03:04:05', x'00ff', '01:00:00'),
    (2, '100%', 3, NULL, 'text', NULL);
CREATE TABLE secret (word VARCHAR(50));
INSERT INTO secret VALUES ('open sesame');
CREATE FUNCTION writes() RETURNS INT BEGIN INSERT INTO orders (id) VALUES (99); RETURN 1; END;
CREATE VIEW peep AS SELECT word FROM secret;
"""


@pytest.fixture
def login() -> dict[str, Any]:
    found = platform.settings_dict
    return {
        "host": found["HOST"],
        "port": int(found["PORT"]),
        "user": found["USER"],
        "password": found["PASSWORD"],
    }


@pytest.fixture
def dsn(login: dict[str, Any]) -> Iterator[str]:
    def run(*statements: str) -> None:
        with pymysql.connect(**login) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement.replace("$shop", SHOP))
            connection.commit()

    run("DROP DATABASE IF EXISTS $shop", *(line for line in SCHEMA.strip().split(";\n") if line))
    user, password = quote(login["user"], ""), quote(login["password"], "")
    yield f"mysql://{user}:{password}@{login['host']}:{login['port']}/{SHOP}"
    run("DROP DATABASE $shop")


def ask(
    dsn: str,
    sql: str,
    params: Any = None,
    allowed: tuple[str, ...] = ("orders",),
    switch: CancelSwitch | None = None,
) -> Rows:
    return query(read_dsn(dsn), Tables(allowed), sql.replace("$shop", SHOP), params, switch or CancelSwitch())


def test_rows_are_dicts_of_json(dsn: str) -> None:
    assert ask(dsn, "SELECT * FROM orders ORDER BY id").items == [
        {
            "id": 1,
            "city": "上海",
            "amount": 2.5,
            "at": "2026-01-02 03:04:05",
            "raw": "00ff",
            "took": "1:00:00",
        },
        {"id": 2, "city": "100%", "amount": 3, "at": None, "raw": "text", "took": None},
    ]


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("SELECT id FROM orders WHERE city = %s", ["上海"]),
        ("SELECT id FROM orders WHERE city = %(city)s", {"city": "上海"}),
        ("SELECT id FROM orders WHERE city LIKE '上%%' AND id = %s", [1]),
        ("SELECT id FROM orders WHERE city LIKE '上%'", None),
        ("SELECT id FROM orders WHERE city REGEXP '^上' AND id IN (%s, %s)", [1, 3]),
    ],
)
def test_params_are_bound(dsn: str, sql: str, params: Any) -> None:
    assert ask(dsn, sql, params).items == [{"id": 1}]


@pytest.mark.parametrize("value", ["' OR 1=1 -- ", "\\' OR 1=1 #", "\\", "/*! */", "a\x00b", "縗' OR 1=1 #"])
def test_a_hostile_param_is_a_value(dsn: str, value: str) -> None:
    assert ask(dsn, "SELECT %s AS said FROM orders WHERE id = 1", [value]).items == [{"said": value}]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH o AS (SELECT id FROM orders) SELECT id, 1 AS n FROM o",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n",
        "SELECT COUNT(*), SUM(amount), GROUP_CONCAT(city SEPARATOR ',') FROM $shop.orders",
        "SELECT id FROM orders /* a comment */ ORDER BY id DESC LIMIT 1 -- the end",
        "SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS n FROM orders",
    ],
)
def test_what_reads_open_tables_is_taken(dsn: str, sql: str) -> None:
    assert ask(dsn, sql).items


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT word FROM secret",
        "SELECT word FROM peep",
        "SELECT word FROM `SECRET`",
        "SELECT id, (SELECT word FROM secret LIMIT 1) FROM orders",
        "SELECT * FROM orders UNION SELECT word, 1, 1, 1, 1, 1 FROM secret",
        "SELECT * FROM (orders, secret)",
        "SELECT * FROM orders JOIN ($shop.secret)",
        "TABLE secret",
        "WITH orders AS (SELECT word FROM secret) SELECT * FROM orders",
        "WITH secret AS (SELECT * FROM secret) SELECT * FROM secret",
        "SELECT * FROM secret UNION SELECT * FROM (WITH secret AS (SELECT 1) SELECT * FROM secret) x",
        "SELECT table_name FROM information_schema.tables",
        "SELECT user FROM mysql.user",
        "SELECT * FROM performance_schema.threads",
        "SELECT * FROM sys.version",
        "SELECT id FROM orders /*!50000 UNION SELECT word FROM secret */ WHERE 1 = 0 UNION SELECT word FROM secret",
    ],
)
def test_a_closed_table_stays_closed(dsn: str, sql: str) -> None:
    with pytest.raises(QueryRefusedError):
        ask(dsn, sql)


def test_the_servers_own_comments_are_not_run(dsn: str) -> None:
    assert ask(dsn, "SELECT id FROM orders WHERE id = 1 /*!50000 OR 1 = 1 */ /*M! OR 1 = 1 */").items == [
        {"id": 1}
    ]


def test_also_what_gets_past_the_parser_writes_nothing(
    dsn: str, monkeypatch: pytest.MonkeyPatch, login: dict[str, Any]
) -> None:
    monkeypatch.setattr("scheduling.clients.sources.statement.FUNCTIONS", {"WRITES"})
    with pytest.raises(QueryFailedError, match="READ ONLY"):
        ask(dsn, "SELECT writes()")
    assert ask(dsn, "SELECT id FROM orders WHERE id = 99").items == []


def numbers(limit: int) -> str:
    return f"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < {limit})"


def test_a_huge_result_is_cut(dsn: str) -> None:
    sql = f"{numbers(200)} SELECT a.i FROM n a, n b, n c"
    for query_text in (sql, f"{sql} LIMIT 1000000"):
        rows = ask(dsn, query_text)
        assert (len(rows.items), rows.is_cut) == (limits.MAX_ROWS, True)


def test_wide_rows_are_refused_before_they_fill_the_memory(dsn: str) -> None:
    with pytest.raises(QueryRefusedError, match="MiB"):
        ask(dsn, f"{numbers(900)} SELECT REPEAT('x', 100000) AS x FROM n")


SLOW = "SELECT COUNT(*) FROM " + ", ".join(f"information_schema.collations AS c{n}" for n in range(1, 9))


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> str:
    """Of tables that are really closed: only their number makes it slow."""
    monkeypatch.setattr(source, "_require_tables", lambda *_: None)
    return SLOW


def test_an_endless_query_ends_with_its_time(dsn: str, slow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "SECONDS", 0.5)
    with pytest.raises(QueryTimeoutError):
        ask(dsn, slow)


def test_the_switch_ends_a_query(dsn: str, slow: str) -> None:
    switch = CancelSwitch()
    threading.Timer(0.5, switch.cancel).start()
    with pytest.raises(CanceledError):
        ask(dsn, slow, switch=switch)


def test_a_wrong_password_is_said_without_it(dsn: str) -> None:
    wrong = dsn.replace(dsn.split("@")[0], "mysql://nobody:hunter2")
    with pytest.raises(QueryFailedError, match="Access denied") as refused:
        ask(wrong, "SELECT 1")
    assert "hunter2" not in str(refused.value)
