"""What a statement put together once finds and changes is what a QuerySet would."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from common.framework.rows import Rows

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def user() -> User:
    return User.objects.create(username="ann", first_name="Ann", last_login=LATER)


def test_a_row_is_found_by_all_its_values(user: User) -> None:
    rows = Rows(User)
    assert rows.find(username="ann", is_active=True) == user
    assert rows.find(username="ann", is_active=False) is None
    assert rows.find(pk=user.pk) == user


def test_a_row_is_read_as_a_queryset_reads_it(user: User) -> None:
    found = Rows(User).find(username="ann")
    expected = User.objects.get(username="ann")
    assert found
    assert vars(found) | {"_state": None} == vars(expected) | {"_state": None}
    assert found.last_login == LATER


def test_columns_that_were_left_out_are_read_when_they_are_asked_for(user: User) -> None:
    found = Rows(User, only=["first_name"]).find(username="ann")
    assert found
    with CaptureQueriesContext(connection) as asked:
        assert found.first_name == "Ann"
        assert not asked.captured_queries
        assert found.last_login == LATER
    assert len(asked.captured_queries) == 1


def test_a_row_is_changed_where_it_is_as_expected(user: User) -> None:
    rows = Rows(User)
    assert rows.update({"pk": user.pk, "first_name": "Ann"}, first_name="Eve", last_login=None) == 1
    assert rows.update({"pk": user.pk, "first_name": "Ann"}, first_name="Zoe") == 0
    user.refresh_from_db()
    assert (user.first_name, user.last_login) == ("Eve", None)


def test_none_is_looked_for_as_null(user: User) -> None:
    rows = Rows(User)
    assert rows.find(last_login=None) is None
    assert rows.update({"pk": user.pk, "last_login": LATER}, last_login=None) == 1
    assert rows.find(last_login=None, is_active=True) == user
    assert rows.update({"pk": user.pk, "last_login": None}, first_name="Eve") == 1


def test_all_are_found_that_fit_one_of_several_ways(user: User) -> None:
    eve, _ = User.objects.create(username="eve"), User.objects.create(username="bob")
    rows = Rows(User)
    found = rows.any({"username": "ann", "last_login": LATER}, {"username": "eve", "last_login": None})
    assert sorted(found, key=lambda row: row.pk) == [user, eve]
    assert rows.any({"username": "ann", "last_login": None}) == []


def test_the_row_behind_a_foreign_key_comes_along(user: User) -> None:
    entry = LogEntry.objects.create(user=user, object_repr="x", action_flag=1)
    rows = Rows(LogEntry, along={"user": Rows(User, only=["username"]), "content_type": Rows(ContentType)})
    with CaptureQueriesContext(connection) as asked:
        found = rows.find(pk=entry.pk)
        assert found == entry
        assert found.user.username == "ann"
        assert found.content_type is None
    assert len(asked.captured_queries) == 1


def test_a_row_that_is_gone_is_none_or_raises_as_a_queryset_has_it(user: User) -> None:
    entry = LogEntry.objects.create(user=user, object_repr="x", action_flag=1)
    with connection.constraint_checks_disabled():
        LogEntry.objects.filter(pk=entry.pk).update(user=user.pk + 1)
        found = Rows(LogEntry, along={"user": Rows(User)}).find(pk=entry.pk)
    assert found
    with pytest.raises(User.DoesNotExist):
        _ = found.user
    LogEntry.objects.all().delete()


def test_rows_are_written_at_once() -> None:
    Rows(Group).insert([{"name": "a"}, {"name": "b; DROP TABLE auth_group"}])
    assert set(Group.objects.values_list("name", flat=True)) == {"a", "b; DROP TABLE auth_group"}


def test_an_unchanged_row_counts_too(user: User) -> None:
    assert Rows(User).update({"pk": user.pk}, first_name="Ann") == 1


def test_a_row_is_locked_where_the_database_has_locks(user: User) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        Rows(User).find(lock=True, username="ann")
    sql = asked.captured_queries[0]["sql"]
    assert sql.endswith("FOR UPDATE") is connection.features.has_select_for_update


def test_a_column_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="nmae"):
        Rows(User).update({"pk": 1}, nmae="typo")
