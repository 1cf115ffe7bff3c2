"""Due times become rows: the first half of beat's tick. The database is the truth, Redis only the transport.

One transaction takes due tasks (SKIP LOCKED: other beats take others), writes their runs and their next due time.
A beat killed before the commit has done nothing, one killed after it has lost nothing: the rows are there to
be published by anyone.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from scheduling.engine import calendars, figures, run_alerts, window_cursor
from scheduling.engine.locking import locked
from scheduling.engine.misfire import Verdict, judge
from scheduling.engine.new import new_run
from scheduling.engine.plan import schedule_of
from scheduling.models import Run, RunStatus, ScheduledTask, Trigger
from scheduling.schedule.due import due_times
from scheduling.schedule.errors import ScheduleError
from tenants.models import Tenant

logger = logging.getLogger(__name__)
AHEAD = timedelta(
    seconds=20
)  # so that a herd's rows stand before its due time, and only messages are left to do
TASKS_AT_ONCE = 500
DUES_AT_ONCE = 500  # of one task in one tick: a per-second task that slept a week comes back in steps


def fire(now: datetime, limit: int = TASKS_AT_ONCE, ahead: timedelta = AHEAD) -> int:
    """Writes the runs of up to `limit` tasks due until `now` + `ahead`; returns how many tasks it took."""
    due = due_tasks(now, now + ahead)
    if not due.exists():  # most seconds: no lock, and not the many columns
        return 0
    with transaction.atomic():
        tasks = list(locked(due.order_by("next_run_at")[:limit]))
        write(tasks, now, now + ahead)
    return len(tasks)


def due_tasks(now: datetime, until: datetime) -> QuerySet[ScheduledTask]:
    """Those that hand out windows only when their window is over: the run before decides what it is."""
    is_time = Q(next_run_at__lte=until, use_windows=False) | Q(next_run_at__lte=now)
    return ScheduledTask.objects.filter(is_time, is_enabled=True, next_run_at__lte=until)


def next_wake(now: datetime) -> datetime | None:
    """When the next row that waits for its time comes due."""
    rows = Run.objects.filter(status=RunStatus.QUEUED, published_at=None, not_before__gt=now)
    return rows.order_by("not_before").values_list("not_before", flat=True).first()


def write(tasks: Sequence[ScheduledTask], now: datetime, until: datetime) -> None:
    """The runs that locked tasks owe up to `until`, and their next due times."""
    off = set(Tenant.objects.filter(is_enabled=False).values_list("code", flat=True))
    runs: list[Run] = []
    calendars.preload(tasks)
    for task in tasks:
        try:
            runs += _owed(task, now, until, is_off=task.tenant_id in off)
        except ScheduleError as error:  # a row edited behind our back must not stop the others
            logger.error("Task %s has a wrong schedule and fires no more: %s", task.pk, error)
            task.next_run_at = None
    new = _new(runs)
    Run.objects.bulk_create(new, batch_size=500)
    run_alerts.missed(new, tasks, now)
    figures.ended(new)
    by_next: dict[datetime | None, list[int]] = defaultdict(list)
    for task in tasks:
        by_next[task.next_run_at].append(task.pk)
    for at, ids in by_next.items():
        ScheduledTask.objects.filter(pk__in=ids).update(next_run_at=at)


def _new(runs: list[Run]) -> list[Run]:
    """Without those whose due time has a row: an edit may set next_run_at back.

    Not INSERT IGNORE, which would swallow a truncation or a wrong value too.
    """
    if not runs:
        return []
    written = Run.objects.filter(
        task_id__in={run.task_id for run in runs},
        fire_at__gte=min(run.not_before for run in runs),
    ).order_by()
    there = set(written.values_list("task_id", "fire_at"))
    return [run for run in runs if run.fire_at is None or (run.task_id, run.fire_at) not in there]


def _owed(task: ScheduledTask, now: datetime, until: datetime, *, is_off: bool) -> list[Run]:
    """Sets `next_run_at`. `is_off`: the tenant is switched off, its due times are skipped, its windows wait."""
    assert task.next_run_at is not None
    if task.hands_out_windows:
        return window_cursor.owed(task, now) if not is_off else window_cursor.wait(task, now)
    schedule = schedule_of(task)
    first = task.next_run_at - timedelta(microseconds=1)
    dues, task.next_run_at = _split(due_times(schedule, first), until)
    more = task.next_run_at is not None and task.next_run_at <= now
    grace = timedelta(seconds=task.misfire_grace_seconds)
    verdicts = judge(dues, now, task.misfire_policy, grace, more=more)
    return [_off(task, due, now) for due in dues] if is_off else [_run(task, v, now) for v in verdicts]


def _split(coming: Iterator[datetime], until: datetime) -> tuple[list[datetime], datetime | None]:
    """Those up to `until`, and the one that follows."""
    dues: list[datetime] = []
    for due in coming:
        if due > until or len(dues) == DUES_AT_ONCE:
            return dues, due
        dues.append(due)
    return dues, None


def _off(task: ScheduledTask, due: datetime, now: datetime) -> Run:
    run = _run(task, Verdict(due, "run"), now)
    run.status, run.finished_at, run.error_code = RunStatus.SKIPPED, now, "disabled"
    run.error = "The tenant was switched off."
    return run


def _run(task: ScheduledTask, verdict: Verdict, now: datetime) -> Run:
    run = new_run(task, Trigger.SCHEDULE, verdict.due_at)
    run.due_at = run.fire_at = verdict.due_at
    run.waits = verdict.fate == "late_run"
    if verdict.fate == "missed":
        late = round((now - verdict.due_at).total_seconds())
        run.status, run.finished_at, run.error_code = RunStatus.MISSED, now, "misfire"
        run.error = f"Reached {late} s late, over the grace of {task.misfire_grace_seconds} s."
    return run
