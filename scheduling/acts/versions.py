"""Restoring an earlier version of a task."""

from __future__ import annotations

from django.utils.dateparse import parse_datetime

from scheduling.models import ScheduledTask, TaskVersion

KEPT_COLUMNS = {"tenant", "is_enabled"}


def restore(task: ScheduledTask, version: TaskVersion) -> None:
    """Set the task's columns to the version's, and save nothing.

    Secrets, the tenant and whether the task is switched on stay as they are. So do columns that are newer than the
    version; columns that no longer exist are passed over.
    """
    for column in ScheduledTask._meta.concrete_fields:
        if column.name not in version.fields or column.name in KEPT_COLUMNS:
            continue
        value = version.fields[column.name]
        if column.get_internal_type() == "DateTimeField":
            value = parse_datetime(value) if value else None
        setattr(task, column.attname, value)
