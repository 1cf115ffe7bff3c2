"""Who keeps a database connection between two turns."""

import threading

import pytest
from django.db import OperationalError, connection

from scheduling.contexts.turns import turn

pytestmark = pytest.mark.django_db(transaction=True)


def has_connection_after_a_turn() -> bool:
    with turn():
        connection.ensure_connection()
    return connection.connection is not None


def test_a_process_with_one_thread_keeps_it() -> None:
    assert has_connection_after_a_turn()


def test_a_thread_among_others_gives_it_back() -> None:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(has_connection_after_a_turn()))
    thread.start()
    thread.join()
    assert found == [False]


@pytest.mark.services
def test_a_connection_that_broke_in_a_turn_is_replaced_in_the_next() -> None:
    with pytest.raises(OperationalError), turn(), connection.cursor() as cursor:
        cursor.execute("KILL CONNECTION_ID()")
    assert has_connection_after_a_turn()
