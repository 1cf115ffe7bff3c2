"""From a task's columns to the pure schedule, and to when beat has to look at the task next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from scheduling.models import ScheduledTask
from scheduling.planning.calendars import calendar_of
from scheduling.schedule.due import next_due
from scheduling.schedule.errors import MissingColumnError
from scheduling.schedule.rule import EPOCH, CalendarPolicy, Schedule, ScheduleType


def schedule_of(task: ScheduledTask) -> Schedule:
    """Return the task's schedule; for many tasks `calendars.preload` them first. Raises UnknownCalendarError."""
    schedule = Schedule(
        schedule_type=cast(ScheduleType, task.schedule_type),
        time_points=tuple(task.time_points),
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
    return _window_schedule(schedule, task) if task.hands_out_windows else schedule


def _window_schedule(schedule: Schedule, task: ScheduledTask) -> Schedule:
    """Return the schedule of a task's windows, which has no calendar and no spread.

    Windows follow one another from the cursor without a gap.
    """
    anchor = schedule.anchor
    if task.last_end_time and task.interval_minutes:  # the schedule's own rules report a missing interval
        anchor = task.last_end_time + schedule.interval
    return replace(schedule, anchor=anchor, calendar=None, spread_seconds=0)


def next_run(task: ScheduledTask, now: datetime) -> datetime | None:
    """Return when beat has to look at the task next, None for never.

    For a task with windows this is when its next window is over, however long ago, or at once if it has had none.
    Whether a run has that window is not asked: beat sees it when it looks, and leaves the rest to that run's end.
    """
    if not task.is_enabled:
        return None
    if not task.hands_out_windows:
        return next_due(schedule_of(task), now)
    if task.last_end_time is None:
        return within_validity(task, now)
    return within_validity(task, task.last_end_time + interval_of(task))


def interval_of(task: ScheduledTask) -> timedelta:
    """Return the task's interval. Raises MissingColumnError."""
    if not task.interval_minutes:
        raise MissingColumnError("interval_minutes", task.schedule_type)
    return timedelta(minutes=task.interval_minutes)


def within_validity(task: ScheduledTask, due_at: datetime) -> datetime | None:
    """Return when a window that is due at `due_at` may be handed out.

    That is not before the task's `start_at`; None: never, as it is after its `end_at`.
    """
    if task.start_at is not None:
        due_at = max(due_at, task.start_at)
    return due_at if task.end_at is None or due_at <= task.end_at else None
