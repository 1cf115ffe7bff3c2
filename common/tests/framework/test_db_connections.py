"""Who keeps a database connection between two turns."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from common.framework import db_connections
from common.framework.db_connections import IDLE_SECONDS, ConnectionPool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def lent(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectionPool]:
    lent = ConnectionPool()
    monkeypatch.setattr(db_connections, "_pool", lent)
    yield lent
    lent.close_idle(time.monotonic() + IDLE_SECONDS)


def in_a_thread(act: Callable[[], object]) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def used() -> BaseDatabaseWrapper:
    """The connection of a turn."""
    with db_connections.lent_connection():
        connection.ensure_connection()
        return connections[DEFAULT_DB_ALIAS]


def has_connection_after_a_turn() -> bool:
    with db_connections.lent_connection():
        connection.ensure_connection()
    return connection.connection is not None


def test_a_process_with_one_thread_keeps_it(lent: ConnectionPool) -> None:
    assert has_connection_after_a_turn()
    assert not lent.idle


def test_a_thread_among_others_gives_it_back() -> None:
    found: list[bool] = []
    in_a_thread(lambda: found.append(has_connection_after_a_turn()))
    assert found == [False]


def test_what_one_thread_gave_back_the_next_one_gets() -> None:
    found: list[BaseDatabaseWrapper] = []
    for _ in range(3):
        in_a_thread(lambda: found.append(used()))
    assert len(set(map(id, found))) == 1


def test_what_nobody_has_wanted_for_a_while_is_closed(lent: ConnectionPool) -> None:
    in_a_thread(used)
    [(used_at, idle)] = lent.idle
    assert lent.close_idle(used_at + IDLE_SECONDS - 0.1)
    assert idle.connection is not None
    assert not lent.close_idle(used_at + IDLE_SECONDS)
    assert idle.connection is None


@pytest.mark.services
def test_a_connection_that_broke_in_a_turn_is_replaced_in_the_next() -> None:
    def break_it() -> None:
        with pytest.raises(OperationalError), db_connections.lent_connection(), connection.cursor() as cursor:
            cursor.execute("KILL CONNECTION_ID()")

    break_it()
    assert has_connection_after_a_turn()
    in_a_thread(break_it)
    in_a_thread(used)
