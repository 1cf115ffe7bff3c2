"""manage.py rotate_keys"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from common import fields, key_rotation
from common.crypto import Keyring, new_key
from common.key_rotation import Column, columns
from tenants.models import Secret
from testing.any_row import any_row

pytestmark = pytest.mark.django_db
OLD, NEW = new_key(), new_key()


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> Iterator[None]:
    under(settings, OLD)
    yield
    fields.keyring.cache_clear()


def under(settings: Settings, *keys: str) -> None:
    """From here on a process that was started with these keys."""
    settings.ENCRYPTION_KEYS = list(keys)
    fields.keyring.cache_clear()


def rotate_keys(*arguments: str) -> tuple[Any, int]:
    """What it says, and its exit code."""
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("rotate_keys", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue()), int(str(ended.value.code))


def ciphertext(column: Column, pk: int) -> str:
    with connection.cursor() as cursor:
        table, key = column.model._meta.db_table, column.model._meta.pk.column
        cursor.execute(f"SELECT {column.field.column} FROM {table} WHERE {key} = %s", [pk])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("column", columns(), ids=str)
def test_every_encrypted_column_comes_under_the_first_key(column: Column, settings: Settings) -> None:
    row = any_row(column.model, **{column.field.name: "canary 密"})
    under(settings, NEW, OLD)
    summary, code = rotate_keys()
    [counts] = [one for one in summary["columns"] if one["column"] == str(column)]
    assert (counts["by_key"], counts["rewritten"], code) == ({"1": 1}, 1, 0)
    assert summary["unused_keys"] == [2]
    assert Keyring([NEW]).decrypt(ciphertext(column, row.pk)) == "canary 密"
    under(settings, NEW)
    row.refresh_from_db()
    assert getattr(row, column.field.name) == "canary 密"


def test_a_dry_run_changes_nothing_and_tells_which_keys_are_in_use(settings: Settings) -> None:
    any_row(Secret, value="old")
    under(settings, NEW, OLD, new_key())
    any_row(Secret, value="new")
    before = [ciphertext(SECRETS, row.pk) for row in Secret.objects.all()]
    summary, code = rotate_keys("--dry-run")
    [counts] = (one for one in summary["columns"] if one["column"] == "platform_secrets.value")
    assert counts == {
        "column": "platform_secrets.value",
        "by_key": {"1": 1, "2": 1},
        "rewritten": 0,
        "unreadable": [],
    }
    assert (summary["unused_keys"], code) == ([3], 0)
    assert [ciphertext(SECRETS, row.pk) for row in Secret.objects.all()] == before


SECRETS = next(column for column in columns() if column.model is Secret)


class Interfered(Keyring):
    """Something happens before each value is encrypted anew."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__([NEW, OLD])
        self.happens = happens

    def rotate(self, encrypted: str) -> str:
        self.happens()
        return super().rotate(encrypted)


def test_it_goes_on_after_the_last_whole_chunk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "CHUNK_ROWS", 2)
    for n in range(5):
        any_row(Secret, value=f"{n}")
    under(settings, NEW, OLD)
    three = iter("123")
    with pytest.raises(StopIteration):
        key_rotation.rotate(SECRETS, Interfered(lambda: next(three)))
    keyring = Keyring([NEW, OLD])
    assert key_rotation.rotate(SECRETS, keyring).rewritten == 3
    assert key_rotation.rotate(SECRETS, keyring).rewritten == 0
    assert sorted(row.value for row in Secret.objects.all()) == list("01234")


def test_a_row_that_is_saved_meanwhile_keeps_its_new_value(settings: Settings) -> None:
    row = any_row(Secret, value="old")
    under(settings, NEW, OLD)
    save = Interfered(lambda: Secret.objects.filter(pk=row.pk).update(value="saved meanwhile"))
    assert key_rotation.rotate(SECRETS, save).rewritten == 0
    row.refresh_from_db()
    assert row.value == "saved meanwhile"


def test_a_value_that_no_key_opens_is_named_and_left_alone(settings: Settings) -> None:
    row = any_row(Secret, value="lost")
    under(settings, NEW)
    good = any_row(Secret, value="kept")
    summary, code = rotate_keys()
    [counts] = (one for one in summary["columns"] if one["column"] == "platform_secrets.value")
    assert (counts["unreadable"], counts["by_key"], code) == ([row.pk], {"1": 1}, 1)
    good.refresh_from_db()
    assert good.value == "kept"


def test_people_read_a_line_for_each_column(settings: Settings) -> None:
    any_row(Secret, value="x")
    under(settings, NEW, OLD)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("rotate_keys", stdout=out)
    assert "platform_secrets.value: 1 by key 1, 1 re-encrypted\n" in out.getvalue()
    assert out.getvalue().endswith("1 values, 1 re-encrypted. Unused keys: 2.\n")
