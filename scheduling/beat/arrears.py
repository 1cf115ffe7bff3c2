"""Arrears: what a task owes when its schedule changes, or when beat finds more than one step of due times.

They are noted as one row, however many there are: the due times up to now, by the schedule, the calendar and the
policies as they are. They are reached then, together. Beat writes their runs, a few hundred in a step, and judges them
as if they stood there all at once. Nothing of a deleted task runs: what would have run is canceled.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from common.row_locks import locked
from scheduling.beat import reach
from scheduling.beat.due_runs import dues_of, insert_new, runs_of
from scheduling.lifecycle import transitions
from scheduling.models import Run, RunStatus, ScheduledTask, TaskArrears, Trigger
from scheduling.planning import calendars
from scheduling.planning.schedules import next_run
from scheduling.schedule.calendars import Calendar
from scheduling.schedule.errors import ScheduleError
from tenants.models import Tenant

logger = logging.getLogger(__name__)
STEPS_AT_ONCE = 2  # per tick: what comes due meanwhile must not be late because of them
KEPT_COLUMNS = (
    "id",
    "tenant_id",
    "task_name",
    "version",
    "execution_type",
    "input_params",
    "priority",
    "misfire_policy",
    "misfire_grace_seconds",
    "overlap_policy",
    "is_enabled",
    "schedule_type",
    "time_points",
    "cron_expression",
    "interval_minutes",
    "run_at",
    "timezone",
    "calendar",
    "calendar_policy",
    "start_at",
    "end_at",
    "spread_seconds",
    "anchor_at",
)


def note_arrears(tasks: Sequence[ScheduledTask], now: datetime) -> None:
    """Note what locked tasks owe up to `now`, and set their next due time after it.

    Due times that have a row by now are judged together with it. No windows are noted: they follow their cursor, so an
    edit loses none.
    """
    by_time = [task for task in tasks if not task.hands_out_windows]
    left = reach.judge_locked_tasks(by_time, now)
    behind = [task for task in by_time if reach.rules_of(task).owes(now)]
    calendars.preload(behind)
    TaskArrears.objects.bulk_create(
        [_new_arrears(task, now, left[task.pk]) for task in behind], batch_size=500
    )
    by_next: dict[datetime | None, list[int]] = defaultdict(list)
    for task in behind:
        task.next_run_at = _next_run_at(task, now)
        by_next[task.next_run_at].append(task.pk)
    for at, ids in by_next.items():
        ScheduledTask.objects.filter(pk__in=ids).update(next_run_at=at)


def _next_run_at(task: ScheduledTask, now: datetime) -> datetime | None:
    try:
        return next_run(task, now)
    except ScheduleError:  # beat logs it when it works off the arrears
        return None


def _new_arrears(task: ScheduledTask, now: datetime, unfinished: int) -> TaskArrears:
    assert task.next_run_at is not None
    return TaskArrears(
        task_id=task.pk,
        since=task.next_run_at,
        until=now,
        unfinished=unfinished,
        task={name: _as_json_value(getattr(task, name)) for name in KEPT_COLUMNS},
        calendar=_calendar_as_json(task),
    )


def _as_json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def work_off(now: datetime) -> bool:
    """Write the runs of a few steps of arrears, and return whether more may be left.

    `now` becomes the end time of runs that must not run.
    """
    steps = 0
    while steps < STEPS_AT_ONCE and TaskArrears.objects.exists():
        with transaction.atomic():
            row = locked(TaskArrears.objects.order_by("pk"))[:1].first()
            if row is None:  # other beats work on the rest
                return False
            _work_off_step(row, now)
        steps += 1
    return steps == STEPS_AT_ONCE


def _work_off_step(row: TaskArrears, now: datetime) -> None:
    task = task_as_it_was(row)
    try:
        dues, following = dues_of(task, row.until)
    except ScheduleError as error:
        logger.error("Task %s had a wrong schedule, and nobody knows what it owes: %s", row.task_id, error)
        dues, following = [], None
    is_left = following is not None and following <= row.until
    if dues:
        task.next_run_at = following if is_left else None
        row.unfinished = _write_runs(task, dues, row, now)
    if following is None or not is_left:
        row.delete()
        return
    row.since = following
    row.save(update_fields=["since", "unfinished"])


def _write_runs(task: ScheduledTask, dues: list[datetime], row: TaskArrears, now: datetime) -> int:
    is_off = Tenant.objects.filter(code=task.tenant_id, is_enabled=False).exists()
    is_gone = locked(ScheduledTask.objects.filter(pk=task.pk).only("pk"), skip=False).first() is None
    insert_new(runs_of(task, dues, now, is_off=is_off))
    left = reach.judge_next_rows(reach.rules_of(task), row.until, row.unfinished)
    if is_gone:
        rows = Run.objects.filter(task_id=task.pk, status=RunStatus.QUEUED, trigger=Trigger.SCHEDULE)
        ids = list(rows.filter(due_at__in=dues).values_list("pk", flat=True))
        transitions.cancel_queued(ids, now, "the task's deletion")
    return left


def task_as_it_was(row: TaskArrears) -> ScheduledTask:
    """Return the task as it was when its arrears were noted. It must not be saved."""
    task = ScheduledTask(**{name: _column(name, row.task[name]) for name in KEPT_COLUMNS if name in row.task})
    task.next_run_at = row.since
    if row.calendar is not None:
        calendars.set_calendar(task, _calendar_from_json(row.calendar))
    return task


def _column(name: str, value: Any) -> Any:
    return parse_datetime(value) if name.endswith("_at") and value else value


def _calendar_as_json(task: ScheduledTask) -> dict[str, Any] | None:
    """Return the days of the task's calendar for `_calendar_from_json`, None where it has none."""
    try:
        calendar = calendars.calendar_of(task)
    except ScheduleError:
        return None
    if calendar is None:
        return None
    return {
        "code": calendar.code,
        "name": calendar.name,
        "official": calendar.official,
        "on_holidays": calendar.on_holidays,
        "weekdays": sorted(calendar.weekdays),
        "edited": {day.isoformat(): is_workday for day, is_workday in calendar.edited.items()},
        "confirmed_years": sorted(calendar.confirmed_years),
    }


def _calendar_from_json(days: dict[str, Any]) -> Calendar:
    return Calendar(
        **days
        | {
            "weekdays": frozenset(days["weekdays"]),
            "edited": {date.fromisoformat(day): is_workday for day, is_workday in days["edited"].items()},
            "confirmed_years": frozenset(days["confirmed_years"]),
        }
    )
