"""Going back to what a task was."""

from __future__ import annotations

from django.utils.dateparse import parse_datetime

from scheduling.models import ScheduledTask, TaskVersion

KEPT = {"tenant", "is_enabled"}


def put_back(task: ScheduledTask, version: TaskVersion) -> None:
    """Sets the task's columns, saves nothing. Secrets stay as they are, and whether it is switched on.

    Columns that have come since then stay, too; those that are gone are passed over.
    """
    for column in ScheduledTask._meta.concrete_fields:
        if column.name not in version.fields or column.name in KEPT:
            continue
        value = version.fields[column.name]
        if column.get_internal_type() == "DateTimeField":
            value = parse_datetime(value) if value else None
        setattr(task, column.attname, value)
