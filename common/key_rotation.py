"""Encrypts every encrypted column anew with the first key of ENCRYPTION_KEYS, so that the other keys can be removed.

Columns are found by their type: a new one needs no change here. The rows themselves show what is done, so an
interrupted rotation is continued by starting it again.
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

CHUNK_ROWS = 500
CLEAR_TEXT = 0  # stands for clear text where a key's number is expected


@dataclass(frozen=True)
class Column:
    model: type[Model]
    field: EncryptedTextField

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.field.column}"

    def stored(self) -> QuerySet[Any]:
        """Return the rows that hold a value, each with its ciphertext as `stored`."""
        ciphertext = ExpressionWrapper(F(self.field.name), output_field=TextField())
        return self.model._base_manager.annotate(stored=ciphertext).filter(stored__gt="")


@dataclass
class RotationReport:
    """The values of one column.

    `by_key` counts the values that each key opens by now, by its number from 1, or CLEAR_TEXT; `unreadable` lists the
    primary keys of rows that no key opens.
    """

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


def rotate(column: Column, keyring: Keyring, *, dry_run: bool = False) -> RotationReport:
    """Rewrite a column's values under the first key; with `dry_run` only count them.

    Each chunk is a transaction of its own: a long one would hold up the platform, which may be running meanwhile.
    """
    found = RotationReport(str(column))
    for chunk in _chunks(column):
        with transaction.atomic():
            for pk, stored in chunk:
                _rotate_row(column, pk, stored, keyring, found, dry_run=dry_run)
    return found


def _chunks(column: Column) -> Iterator[list[tuple[Any, str]]]:
    after: Any = None
    while True:
        rows = column.stored().order_by("pk")
        rows = rows if after is None else rows.filter(pk__gt=after)
        chunk = list(rows.values_list("pk", "stored")[:CHUNK_ROWS])
        if not chunk:
            return
        yield chunk
        after = chunk[-1][0]


def _rotate_row(
    column: Column, pk: Any, stored: str, keyring: Keyring, found: RotationReport, *, dry_run: bool
) -> None:
    try:
        key = keyring.key_of(stored) if is_encrypted(stored) else CLEAR_TEXT
    except UndecryptableError:
        found.unreadable.append(pk)
        return
    if key != 1 and not dry_run:
        # Only the value that was read is replaced: the row may have been saved meanwhile.
        ciphertext = keyring.encrypt(stored) if key == CLEAR_TEXT else keyring.rotate(stored)
        new = Value(ciphertext, output_field=TextField())
        if column.stored().filter(pk=pk, stored=stored).update(**{column.field.name: new}):
            found.rewritten += 1
            key = 1
    found.by_key[key] += 1
