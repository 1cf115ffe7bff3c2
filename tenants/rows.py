"""Creates, changes and deletes plain rows together with their audit entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError

from common.fields import encrypted_columns
from common.json_values import is_same
from common.ruled import check_columns
from tenants import audit
from tenants.access import Actor

M = TypeVar("M", bound=Model)


class AlreadyTakenError(Exception):
    """Another row has this key."""


class RowInUseError(Exception):
    """Other rows need this one; `names` says which."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def create(row: M, actor: Actor) -> M:
    """Validate and insert a row. Raises AlreadyTakenError, and ValidationError by the row's own rules."""
    row.clean_fields()
    row.clean()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record(actor, "create", row, audit.difference({}, audit.loggable_values(row)))
    except IntegrityError as error:
        raise AlreadyTakenError from error
    return row


def change(row: M, values: Mapping[str, Any], actor: Actor) -> M:
    """Set columns by name; nothing is written where all have these values already.

    Raises AlreadyTakenError, and ValidationError by the row's own rules for the columns that change.
    """
    before = audit.loggable_values(row)
    changed = {name for name, value in values.items() if not is_same(getattr(row, name), value)}
    if not changed:
        return row
    for name in changed:
        setattr(row, name, values[name])
    check_columns(row, changed)
    row.clean()
    try:
        with transaction.atomic():
            row.save(update_fields=[*changed, *_auto_now_columns(row)])
            rewritten = changed & encrypted_columns(type(row))
            audit.record(
                actor, "update", row, audit.difference(before, audit.loggable_values(row), rewritten)
            )
    except IntegrityError as error:
        raise AlreadyTakenError from error
    return row


def delete(row: Model, actor: Actor) -> None:
    """Delete a row. Raises RowInUseError where other rows need it, with the names of at most 20."""
    try:
        with transaction.atomic():
            audit.record(actor, "delete", row)
            row.delete()
    except ProtectedError as error:
        raise RowInUseError(
            [str(needed) for needed in sorted(error.protected_objects, key=str)[:20]]
        ) from error


def _auto_now_columns(row: Model) -> list[str]:
    return [field.name for field in row._meta.concrete_fields if getattr(field, "auto_now", False)]
