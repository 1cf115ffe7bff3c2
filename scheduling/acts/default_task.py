"""The default Dify task, which is what the first of the two old systems was.

Its pages and endpoints act on this row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from scheduling.acts import tasks, window_cursor
from scheduling.kinds.dify.kind import DIFY
from scheduling.models import ScheduledTask, ScheduleType
from scheduling.schedule.data_windows import behind
from tenants.access import SYSTEM, Actor

NAME = "Dify"
INTERVAL_MINUTES = 60


def get_or_create(now: datetime) -> ScheduledTask:
    """Return the default task. It is made on first use from the old settings, switched off."""
    return find() or _create(now)


def find() -> ScheduledTask | None:
    """Return the default task, None before its first use."""
    return ScheduledTask.objects.filter(is_default=True).order_by("pk").first()


def _create(now: datetime) -> ScheduledTask:
    with transaction.atomic():
        own_row = tasks.create(new_task(), SYSTEM, now)
    # Not every database has a unique key for "one row where true": after two first uses at once the older row stays.
    first = find()
    assert first is not None
    if first.pk != own_row.pk:
        tasks.delete(own_row.pk, SYSTEM, now)
    return first


def new_task() -> ScheduledTask:
    """Return the default task as it will be made, unsaved."""
    return ScheduledTask(
        task_name=NAME,
        is_default=True,
        is_enabled=False,
        execution_type=DIFY.name,
        schedule_type=ScheduleType.INTERVAL,
        interval_minutes=INTERVAL_MINUTES,
        use_windows=True,
        dify_url=settings.DIFY_API_URL,
        dify_api_key=settings.DIFY_API_KEY,
        dify_user=settings.DIFY_USER_IDENTIFIER,
        timeout_seconds=min(settings.DIFY_API_TIMEOUT, settings.TASK_MAX_TIMEOUT_SECONDS),
    )


def configure(columns: Mapping[str, Any], actor: Actor, now: datetime) -> ScheduledTask:
    """Set some of interval_minutes, dify_url, dify_api_key."""

    def change(task: ScheduledTask) -> None:
        for name, value in columns.items():
            setattr(task, name, value)

    return tasks.update(get_or_create(now).pk, change, actor, now)


def start(start_time: datetime | None, actor: Actor, now: datetime) -> ScheduledTask:
    """Switch the task on. Raises IncompleteTaskError.

    Its next window starts at `start_time`, else where it stopped; a task that has never run begins with the interval
    that ends now.
    """

    def change(task: ScheduledTask) -> None:
        task.require_complete()
        task.is_enabled = True

    task_id = get_or_create(now).pk
    with transaction.atomic():
        task = tasks.update(task_id, change, actor, now, action="start")
        if start_time is not None:
            window_cursor.set_cursor(task, start_time.replace(microsecond=0), actor, now)
    return task


def stop(actor: Actor, now: datetime) -> ScheduledTask:
    def change(task: ScheduledTask) -> None:
        task.is_enabled = False

    return tasks.update(get_or_create(now).pk, change, actor, now, action="stop")


def windows_behind(task: ScheduledTask, now: datetime) -> int:
    """Return how many windows have ended without success."""
    if task.last_end_time is None or task.interval_minutes is None:
        return 0
    return behind(task.last_end_time, timedelta(minutes=task.interval_minutes), now)
