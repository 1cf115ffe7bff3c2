"""A release may be rolled out process by process: what runs before it goes on working on its tables."""

from __future__ import annotations

from django.db import models
from django.db.migrations import AddField, DeleteModel, RemoveField, RenameField, RenameModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

OURS = {"tenants", "notifications", "scheduling"}
TAKES_AWAY = (DeleteModel, RemoveField, RenameField, RenameModel)


def later_operations() -> list[tuple[str, Operation]]:
    """Of the migrations after each app's first."""
    migrations = MigrationLoader(None).disk_migrations.items()
    return [
        (f"{app}.{name}", operation)
        for (app, name), migration in migrations
        if app in OURS and not migration.initial
        for operation in migration.operations
    ]


def harms_the_old(operation: Operation) -> bool:
    """Old processes name every column they know, and none that they don't."""
    if isinstance(operation, AddField):
        field = operation.field
        is_column = not isinstance(field, models.ManyToManyField)
        return is_column and not field.null and field.db_default is models.NOT_PROVIDED
    return isinstance(operation, TAKES_AWAY)


def test_a_migration_only_adds_and_gives_what_it_adds_a_default_in_the_database() -> None:
    assert [name for name, operation in later_operations() if harms_the_old(operation)] == []


def test_what_would_harm_is_seen() -> None:
    plain, kept = models.CharField(max_length=9, default=""), models.CharField(max_length=9, db_default="")
    assert harms_the_old(AddField("run", "x", plain))
    assert harms_the_old(RemoveField("run", "x"))
    assert not harms_the_old(AddField("run", "x", kept))
    assert not harms_the_old(AddField("run", "x", models.CharField(null=True)))
