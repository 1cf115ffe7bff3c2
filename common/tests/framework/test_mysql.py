"""A transaction on MySQL: one statement begins it, one ends it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, OperationalError, connection, transaction

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _open() -> None:
    connection.ensure_connection()


def questions() -> int:
    """Statements that this connection has sent; asking is one."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Questions'")
        return int(cursor.fetchone()[1])


def test_two_statements_are_all_that_a_transaction_adds() -> None:
    before = questions()
    with transaction.atomic():
        pass
    assert questions() - before - 1 == 2


def write_and_fail() -> None:
    with transaction.atomic():
        Group.objects.create(name="undone")
        raise ZeroDivisionError


def test_what_is_raised_inside_undoes_all_and_the_next_statement_stands_alone() -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    Group.objects.create(name="alone")
    connection.close()
    assert Group.objects.get().name == "alone"


def test_a_transaction_within_one_is_undone_alone() -> None:
    with transaction.atomic():
        Group.objects.create(name="outer")
        with pytest.raises(ZeroDivisionError):
            write_and_fail()
    assert Group.objects.get().name == "outer"


def lose_it() -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("KILL CONNECTION_ID()")


@transaction.atomic
def write_and_lose_it() -> None:
    Group.objects.create(name="undone")
    with connection.cursor() as cursor:
        cursor.execute("KILL CONNECTION_ID()")


def asked() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return int(cursor.fetchone()[0])


def test_a_connection_that_broke_is_given_up_by_the_next_statement() -> None:
    lose_it()
    assert asked() == 1


def test_a_connection_that_broke_is_given_up_by_the_next_transaction() -> None:
    lose_it()
    with transaction.atomic():
        Group.objects.create(name="kept")
    assert Group.objects.get().name == "kept"


def test_a_connection_that_broke_while_it_rested_costs_nobody_an_error() -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("KILL CONNECTION %s", [connection.connection.thread_id()])
    other.close()
    connection.used_at = 0.0  # type: ignore[attr-defined]  # ours
    assert asked() == 1


def lose_it_unseen() -> None:
    """Within the second in which nobody asks whether the server still has it."""
    asked()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("KILL CONNECTION %s", [connection.connection.thread_id()])
    other.close()
    connection.used_at = time.monotonic() + 3600  # type: ignore[attr-defined]  # ours


def test_a_connection_that_broke_just_after_its_last_use_costs_no_transaction_an_error() -> None:
    lose_it_unseen()
    with transaction.atomic():
        Group.objects.create(name="kept")
        with transaction.atomic():
            Group.objects.create(name="too")
    connection.close()
    assert Group.objects.count() == 2


def test_what_was_to_be_done_after_a_commit_is_done_once_though_its_begin_was_repeated() -> None:
    lose_it_unseen()
    done: list[str] = []
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with transaction.atomic():
        transaction.on_commit(lambda: done.append("once"))
    assert (done, Group.objects.count()) == (["once"], 0)


def test_a_connection_that_breaks_in_a_transaction_undoes_it_and_the_next_one_goes() -> None:
    with pytest.raises(DatabaseError):
        write_and_lose_it()
    with transaction.atomic():
        Group.objects.create(name="kept")
    assert Group.objects.get().name == "kept"


def test_a_connection_in_use_is_not_asked_each_time() -> None:
    asked()
    before = questions()
    asked()
    assert questions() - before - 1 == 1


class TestALongChangeOfATable:
    LONG = "DO SLEEP(4)"  # longer than three times the timeout, as MySQL's client reads three times

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "read_timeout", 1)
        connection.close()
        yield
        connection.close()

    def test_is_waited_for_in_a_migration(self) -> None:
        with connection.schema_editor() as editor:
            editor.execute(self.LONG)

    @pytest.mark.parametrize("error", [None, ZeroDivisionError])
    def test_is_not_waited_for_before_and_after_it(self, error: type[Exception] | None) -> None:
        with suppress(ZeroDivisionError), connection.schema_editor():
            if error:
                raise error
        with pytest.raises(OperationalError), connection.cursor() as cursor:
            cursor.execute(self.LONG)
