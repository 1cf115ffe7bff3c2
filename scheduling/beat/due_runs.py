"""From due times to rows, which are judged when they are reached.

The task may be as it is, or as it was when its arrears were noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from scheduling.lifecycle import metrics
from scheduling.lifecycle.new_run import new_run
from scheduling.models import Run, RunStatus, ScheduledTask, Trigger
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.due import due_times

DUES_AT_ONCE = 500  # of one task: a per-second task that slept a week comes back in steps
BATCH = 500


def dues_of(task: ScheduledTask, until: datetime) -> tuple[list[datetime], datetime | None]:
    """Return the due times from `next_run_at` up to `until`, DUES_AT_ONCE at most, and the one that follows.

    Raises ScheduleError.
    """
    assert task.next_run_at is not None
    return _take_until(due_times(schedule_of(task), task.next_run_at - timedelta.resolution), until)


def _take_until(coming: Iterator[datetime], until: datetime) -> tuple[list[datetime], datetime | None]:
    dues: list[datetime] = []
    for due in coming:
        if due > until or len(dues) == DUES_AT_ONCE:
            return dues, due
        dues.append(due)
    return dues, None


def runs_of(task: ScheduledTask, dues: list[datetime], now: datetime, *, is_off: bool) -> list[Run]:
    """Return unsaved runs for the due times. `is_off`: the tenant is switched off, its due times are skipped."""
    return [(_skipped_run if is_off else _run)(task, due, now) for due in dues]


def _run(task: ScheduledTask, due: datetime, now: datetime) -> Run:
    run = new_run(task, Trigger.SCHEDULE, due)
    run.due_at = run.fire_at = due
    return run


def _skipped_run(task: ScheduledTask, due: datetime, now: datetime) -> Run:
    run = _run(task, due, now)
    run.status, run.finished_at, run.error_code = RunStatus.SKIPPED, now, "disabled"
    run.error = "The tenant was disabled."
    return run


def insert_new(runs: list[Run]) -> None:
    new = _without_row(runs)
    Run.objects.bulk_create(new, batch_size=BATCH)
    metrics.count_ends(new)


def _without_row(runs: list[Run]) -> list[Run]:
    """Return the runs whose due time has no row yet: an edit may set next_run_at back.

    INSERT IGNORE is not used, as it would swallow a truncation or a wrong value, too.
    """
    if not runs:
        return []
    written = Run.objects.filter(
        task_id__in={run.task_id for run in runs},
        fire_at__gte=min(run.not_before for run in runs),
    ).order_by()
    there = set(written.values_list("task_id", "fire_at"))
    return [run for run in runs if (run.task_id, run.fire_at) not in there]
