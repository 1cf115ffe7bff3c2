"""From a task's columns to the pure schedule, and to when beat has to look at it next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from scheduling.engine.calendars import calendar_of
from scheduling.models import ScheduledTask
from scheduling.schedule.due import next_due
from scheduling.schedule.rule import EPOCH, CalendarPolicy, Schedule, ScheduleType


def schedule_of(task: ScheduledTask) -> Schedule:
    """Raises UnknownCalendarError. Of many tasks: `calendars.preload` them first."""
    return Schedule(
        schedule_type=cast(ScheduleType, task.schedule_type),
        time_points=tuple(task.time_points or ()),
        cron_expression=task.cron_expression,
        interval_minutes=task.interval_minutes,
        anchor=task.anchor_at or EPOCH,
        run_at=task.run_at,
        timezone=task.timezone,
        calendar=calendar_of(task),
        calendar_policy=cast(CalendarPolicy, task.calendar_policy),
        start_at=task.start_at,
        end_at=task.end_at,
        spread_seconds=task.spread_seconds,
        spread_key=str(task.pk),
    )


def next_run(task: ScheduledTask, now: datetime) -> datetime | None:
    """When beat has to look at the task next; None: never, or (windows) when the run under way ends."""
    if not task.is_enabled:
        return None
    if not task.hands_out_windows:
        return next_due(schedule_of(task), now)
    if task.last_end_time is None:
        return now
    assert task.interval_minutes
    return task.last_end_time + timedelta(minutes=task.interval_minutes)
