"""The next due times of a schedule: by the function that beat fires with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from scheduling.engine.flaws import reader_language
from scheduling.engine.plan import schedule_of
from scheduling.models import ScheduledTask
from scheduling.schedule.calendars import unconfirmed_years
from scheduling.schedule.describe import describe
from scheduling.schedule.due import due_times
from scheduling.schedule.rule import Schedule, grid_anchor

SHOWN = 5


@dataclass(frozen=True)
class Preview:
    """Due times in the task's zone. `unconfirmed`: years whose official days off are a guess."""

    description: str
    times: list[datetime]
    timezone: str
    unconfirmed: list[int]


def preview(task: ScheduledTask, now: datetime) -> Preview:
    """Of a task whose schedule is valid, saved or not."""
    schedule = _schedule(task, now)
    times = [at.astimezone(ZoneInfo(task.timezone)) for at in islice(due_times(schedule, now), SHOWN)]
    years = {at.year for at in times} | {now.year}
    unconfirmed = unconfirmed_years(schedule.calendar, years) if schedule.calendar else []
    return Preview(describe(schedule, reader_language()), times, task.timezone, unconfirmed)


def _schedule(task: ScheduledTask, now: datetime) -> Schedule:
    """As it will be once saved: windows go on from the cursor, a new grid begins now."""
    schedule = schedule_of(task)
    if task.hands_out_windows:
        return replace(schedule, anchor=(task.last_end_time or now) + schedule.interval)
    return schedule if task.anchor_at else replace(schedule, anchor=grid_anchor(None, task.start_at, now))
