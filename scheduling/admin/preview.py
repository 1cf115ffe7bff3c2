"""The next due times of a schedule, by the function that beat fires with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from scheduling.acts.task_cautions import schedule_cautions
from scheduling.acts.task_rules import reader_language
from scheduling.models import ScheduledTask
from scheduling.planning.schedules import schedule_of, within_validity
from scheduling.schedule.describe import describe
from scheduling.schedule.due import TICK, due_times
from scheduling.schedule.rule import Schedule, grid_anchor

TIMES_SHOWN = 10


@dataclass(frozen=True)
class Preview:
    """The next due times, in the task's zone. There are none where none will come, which `warnings` says as well."""

    description: str
    times: list[datetime]
    timezone: str
    warnings: list[str]


def preview(task: ScheduledTask, now: datetime) -> Preview:
    """Return the preview of a task whose schedule is valid, saved or not."""
    schedule, language = _schedule_as_saved(task, now), reader_language()
    found = islice(due_times(schedule, now - TICK), TIMES_SHOWN)
    times = [at.astimezone(ZoneInfo(task.timezone)) for at in found]
    warnings = list(schedule_cautions(task, schedule, now - TICK))
    return Preview(describe(schedule, language), times, task.timezone, warnings)


def _schedule_as_saved(task: ScheduledTask, now: datetime) -> Schedule:
    """Return the schedule as it will be once saved: a new grid begins now, and the first of all windows ends now."""
    schedule = schedule_of(task)
    if task.hands_out_windows:
        return schedule if task.last_end_time else replace(schedule, anchor=within_validity(task, now) or now)
    return schedule if task.anchor_at else replace(schedule, anchor=grid_anchor(None, task.start_at, now))
