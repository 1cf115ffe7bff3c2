"""Which errors mean that the database is away."""

from __future__ import annotations

import sqlite3

import pytest
from django.db import DataError, InterfaceError, OperationalError, ProgrammingError

from common.database_errors import is_database_away, repeated_while_away


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(2002, "Can't connect to server on 'db' (111)"),
        OperationalError(2006, "Server has gone away"),
        OperationalError(2013, "Lost connection to server during query"),
        OperationalError(1040, "Too many connections"),
        OperationalError(1205, "Lock wait timeout exceeded"),
        OperationalError(1290, "The server is running with the --read-only option"),
        OperationalError(1927, "Connection was killed"),
        InterfaceError(0, ""),
    ],
    ids=str,
)
def test_what_may_go_well_a_little_later_is_an_absence(error: Exception) -> None:
    assert is_database_away(error)


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
    assert not is_database_away(error)


def of_sqlite(path: str, sql: str) -> OperationalError:
    """As Django raises it."""
    wrapped = OperationalError("as it says")
    with pytest.raises(sqlite3.OperationalError) as raised:
        sqlite3.connect(path).execute(sql)
    wrapped.__cause__ = raised.value
    return wrapped


def test_an_sqlite_file_that_can_not_be_opened_is_one_a_missing_table_is_not() -> None:
    assert is_database_away(of_sqlite("/nowhere/at/all", "SELECT 1"))
    assert not is_database_away(of_sqlite(":memory:", "SELECT * FROM nothing"))


class Database:
    """Away for so many questions, then it answers 7."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.asked = list(errors), 0

    def __call__(self) -> int:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return 7


AWAY = OperationalError(2006, "Server has gone away")


def test_an_absence_is_waited_for() -> None:
    database = Database(AWAY, AWAY)
    assert repeated_while_away(database, lambda: True, pause_seconds=0) == 7
    assert database.asked == 3


def test_an_absence_is_told_to_whoever_may_not_wait_any_longer() -> None:
    database = Database(*[AWAY] * 9)
    with pytest.raises(OperationalError, match="gone away"):
        repeated_while_away(database, lambda: database.asked < 3, pause_seconds=0)
    assert database.asked == 3


def test_a_wrong_question_is_asked_once() -> None:
    database = Database(OperationalError(1054, "Unknown column"))
    with pytest.raises(OperationalError, match="Unknown column"):
        repeated_while_away(database, lambda: True, pause_seconds=0)
    assert database.asked == 1
