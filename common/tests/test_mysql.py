"""A transaction on MySQL: one statement begins it, one ends it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction

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


def test_a_server_that_is_gone_is_told_as_django_tells_it() -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("KILL CONNECTION_ID()")
    with pytest.raises(DatabaseError), transaction.atomic():
        pass
    connection.close()
