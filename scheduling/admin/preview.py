"""The next due times of a schedule: by the function that beat fires with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from scheduling.engine.flaws import reader_language
from scheduling.engine.plan import schedule_of
from scheduling.models import ScheduledTask
from scheduling.schedule.cautions import cautions
from scheduling.schedule.describe import describe
from scheduling.schedule.due import due_times
from scheduling.schedule.rule import Schedule, grid_anchor

SHOWN = 10


@dataclass(frozen=True)
class Preview:
    """Due times in the task's zone; none where none will come, which `warnings` says as well."""

    description: str
    times: list[datetime]
    timezone: str
    warnings: list[str]


def preview(task: ScheduledTask, now: datetime) -> Preview:
    """Of a task whose schedule is valid, saved or not."""
    schedule, language = _schedule(task, now), reader_language()
    times = [at.astimezone(ZoneInfo(task.timezone)) for at in islice(due_times(schedule, now), SHOWN)]
    warnings = [caution.text(language) for caution in cautions(schedule, now)]
    return Preview(describe(schedule, language), times, task.timezone, warnings)


def _schedule(task: ScheduledTask, now: datetime) -> Schedule:
    """As it will be once saved: windows go on from the cursor, a new grid begins now."""
    schedule = schedule_of(task)
    if task.hands_out_windows:
        return replace(schedule, anchor=(task.last_end_time or now) + schedule.interval)
    return schedule if task.anchor_at else replace(schedule, anchor=grid_anchor(None, task.start_at, now))
