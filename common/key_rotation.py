"""Brings every encrypted column under the first key of ENCRYPTION_KEYS, so that the others can go.

A column is found by its type: a new one needs nothing here. What is done is seen in the rows themselves, so an
interrupted rotation is taken up by starting it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import ExpressionWrapper, F, Model, QuerySet, TextField, Value

from common.crypto import Keyring, UndecryptableError, is_encrypted
from common.fields import EncryptedTextField

CHUNK = 500
IN_CLEAR = 0  # in the place of a key's number


@dataclass(frozen=True)
class Column:
    model: type[Model]
    field: EncryptedTextField

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.field.column}"

    def stored(self) -> QuerySet[Any]:
        """Rows that hold a value, with its ciphertext as `stored`."""
        ciphertext = ExpressionWrapper(F(self.field.name), output_field=TextField())
        return self.model._base_manager.annotate(stored=ciphertext).filter(stored__gt="")


@dataclass
class Found:
    """Of one column: how many values each key opens by now, from 1 or IN_CLEAR, and the rows that none does."""

    column: str
    by_key: Counter[int] = field(default_factory=Counter)
    rewritten: int = 0
    unreadable: list[Any] = field(default_factory=list)


def columns() -> list[Column]:
    found = [
        Column(model, column)
        for model in apps.get_models()
        for column in model._meta.local_concrete_fields
        if isinstance(column, EncryptedTextField)
    ]
    return sorted(found, key=str)


def rotate(column: Column, keyring: Keyring, *, dry_run: bool = False) -> Found:
    """Each chunk is a transaction of its own: no long one holds up the platform, which may run meanwhile."""
    found = Found(str(column))
    for chunk in _chunks(column):
        with transaction.atomic():
            for pk, stored in chunk:
                _take(column, pk, stored, keyring, found, dry_run=dry_run)
    return found


def _chunks(column: Column) -> Iterator[list[tuple[Any, str]]]:
    after: Any = None
    while True:
        rows = column.stored().order_by("pk")
        rows = rows if after is None else rows.filter(pk__gt=after)
        chunk = list(rows.values_list("pk", "stored")[:CHUNK])
        if not chunk:
            return
        yield chunk
        after = chunk[-1][0]


def _take(column: Column, pk: Any, stored: str, keyring: Keyring, found: Found, *, dry_run: bool) -> None:
    try:
        key = keyring.key_of(stored) if is_encrypted(stored) else IN_CLEAR
    except UndecryptableError:
        found.unreadable.append(pk)
        return
    if key != 1 and not dry_run:
        # Only what was read is replaced: somebody may have saved the row meanwhile.
        ciphertext = keyring.encrypt(stored) if key == IN_CLEAR else keyring.rotate(stored)
        new = Value(ciphertext, output_field=TextField())
        if column.stored().filter(pk=pk, stored=stored).update(**{column.field.name: new}):
            found.rewritten += 1
            key = 1
    found.by_key[key] += 1
