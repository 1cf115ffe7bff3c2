"""Reads the tasks, times and parameters that commands are given."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError

from scheduling.models import ScheduledTask


def task_named(text: str) -> ScheduledTask:
    """Find the task by its id, else by its name. Raises CommandError where there is none, or several of that name."""
    rows = ScheduledTask.objects.all()
    found = list(rows.filter(pk=text)) if text.isdecimal() else []
    found = found or list(rows.filter(task_name=text)[:2])
    if not found:
        raise CommandError(f"The task {text!r} does not exist.")
    if len(found) > 1:
        raise CommandError(f"Several tasks are named {text!r}: give an ID.")
    return found[0]


def moment(text: str, task: ScheduledTask) -> datetime:
    """Parse a time in ISO 8601; without an offset it is in the task's zone. Raises CommandError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a time: write 2026-01-31 or 2026-01-31T08:00.") from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(task.timezone))


def json_object(text: str) -> dict[str, Any]:
    """Parse the JSON object of --params. Raises CommandError."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CommandError(f"--params is not valid JSON: {error}") from None
    if not isinstance(found, dict):
        raise CommandError("--params must be a JSON object.")
    return found
