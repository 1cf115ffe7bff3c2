"""Which errors mean that the database is away."""

from __future__ import annotations

import sqlite3

import pytest
from django.db import DataError, InterfaceError, OperationalError, ProgrammingError

from common.database_errors import is_away


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(2002, "Can't connect to server on 'db' (111)"),
        OperationalError(2006, "Server has gone away"),
        OperationalError(2013, "Lost connection to server during query"),
        OperationalError(1040, "Too many connections"),
        OperationalError(1205, "Lock wait timeout exceeded"),
        OperationalError(1927, "Connection was killed"),
        InterfaceError(0, ""),
    ],
    ids=str,
)
def test_what_may_go_well_a_little_later_is_an_absence(error: Exception) -> None:
    assert is_away(error)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(1054, "Unknown column 'x' in 'field list'"),
        OperationalError("no code"),
        ProgrammingError(1146, "Table doesn't exist"),
        DataError(1406, "Data too long"),
        ValueError(2006),
        None,
    ],
    ids=str,
)
def test_what_we_have_asked_wrong_is_none(error: Exception | None) -> None:
    assert not is_away(error)


def of_sqlite(path: str, sql: str) -> OperationalError:
    """As Django raises it."""
    wrapped = OperationalError("as it says")
    with pytest.raises(sqlite3.OperationalError) as raised:
        sqlite3.connect(path).execute(sql)
    wrapped.__cause__ = raised.value
    return wrapped


def test_an_sqlite_file_that_can_not_be_opened_is_one_a_missing_table_is_not() -> None:
    assert is_away(of_sqlite("/nowhere/at/all", "SELECT 1"))
    assert not is_away(of_sqlite(":memory:", "SELECT * FROM nothing"))
