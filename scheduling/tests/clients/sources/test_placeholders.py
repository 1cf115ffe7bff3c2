"""Placeholders of other libraries are refused in the same words on every kind of database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from common.http import CancelSwitch
from scheduling.clients import sources

MYSQL = "mysql://reader:x@127.0.0.1:1/shop"  # nobody is there: what is refused is refused before


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE t (a, b)")
        connection.execute("INSERT INTO t VALUES ('x?:y', 1)")
    connection.close()
    return f"sqlite:///{tmp_path}/shop.db"


def ask(dsn: str, sql: str, params: Any = None) -> list[dict[str, Any]]:
    return sources.query(
        sources.read_dsn(dsn), sources.Tables([], closed=[]), sql, params, CancelSwitch()
    ).items


@pytest.mark.parametrize(
    ("condition", "params", "named"),
    [
        ("a = ?", ["x"], "?"),
        ("a = ?1", ["x"], "?1"),
        ("a=:c", {"c": "x"}, ":c"),
        ("a IN (:first, :second)", {"first": 1, "second": 2}, ":first"),
        ("a = $1", ["x"], "$1"),
        ("a = 'it''s' AND b = ?", ["x"], "?"),
        ("a = :c", None, ":c"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite", "mysql"])
def test_another_placeholder_is_named_with_what_to_write(
    sqlite: str, kind: str, condition: str, params: Any, named: str
) -> None:
    with pytest.raises(sources.QueryRefusedError) as refused:
        ask(sqlite if kind == "sqlite" else MYSQL, f"SELECT a FROM t WHERE {condition}", params)
    assert str(refused.value).startswith(f"{named} is no placeholder here: write %s")
    assert "%(name)s" in str(refused.value)


@pytest.mark.parametrize(
    ("condition", "params"),
    [
        ("a = %s", ["x?:y"]),
        ("a = %(c)s", {"c": "x?:y"}),
        ("a = 'x?:y'", None),
        ("a = 'x?:y' -- is it :so?\n", None),
        ("a = /* :c? */ 'x?:y'", None),
        ('"a" = %s', ["x?:y"]),
    ],
)
def test_what_only_looks_like_one_is_taken(sqlite: str, condition: str, params: Any) -> None:
    assert ask(sqlite, f"SELECT b FROM t WHERE {condition}", params) == [{"b": 1}]
