"""Due times become rows: a part of beat's tick. The database is the truth, Redis only the transport.

One transaction takes due tasks (SKIP LOCKED: other beats take others), and writes their runs and their next due time. A
beat killed before the commit has done nothing, and one killed after it has lost nothing: any beat can publish the rows.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from common.row_locks import locked
from scheduling.beat import arrears, due_runs
from scheduling.lifecycle import window_cursor
from scheduling.models import SECRET_COLUMNS, Run, RunStatus, ScheduledTask
from scheduling.planning import calendars
from scheduling.schedule.errors import ScheduleError
from tenants.models import Tenant

logger = logging.getLogger(__name__)
# Where many tasks come due at once, their rows stand before that, and only messages are left to be sent.
AHEAD = timedelta(seconds=20)
TASKS_AT_ONCE = 500


def fire(now: datetime, limit: int = TASKS_AT_ONCE, ahead: timedelta = AHEAD) -> int:
    """Write the runs of up to `limit` tasks due until `now` + `ahead`. Return how many tasks there were."""
    due = due_tasks(now, now + ahead)
    if not due.exists():  # so in most seconds: they need no lock, and not the many columns
        return 0
    with transaction.atomic():
        # Without secrets: one task whose key is lost must not keep all others from their due times.
        tasks = list(locked(due.defer(*SECRET_COLUMNS).order_by("next_run_at")[:limit]))
        write_due_runs(tasks, now, now + ahead)
    return len(tasks)


def due_tasks(now: datetime, until: datetime) -> QuerySet[ScheduledTask]:
    """Return the tasks that come due by `until`.

    Those that hand out windows are among them only when their window is over by `now`: the run before decides what the
    next window is.
    """
    is_time = Q(next_run_at__lte=until, use_windows=False) | Q(next_run_at__lte=now)
    return ScheduledTask.objects.filter(is_time, is_enabled=True, next_run_at__lte=until)


def next_wake(now: datetime) -> datetime | None:
    """Return when the next row that waits for its time comes due, None where none waits."""
    rows = Run.objects.filter(status=RunStatus.QUEUED, published_at=None, not_before__gt=now)
    return rows.order_by("not_before").values_list("not_before", flat=True).first()


def write_due_runs(tasks: Sequence[ScheduledTask], now: datetime, until: datetime) -> None:
    """Write the runs that locked tasks owe up to `until`, and the tasks' next due times."""
    off = set(Tenant.objects.filter(is_enabled=False).values_list("code", flat=True))
    runs: list[Run] = []
    calendars.preload(tasks)
    for task in tasks:
        try:
            runs += _due_runs(task, now, until, is_off=task.tenant_id in off)
        except ScheduleError as error:  # a row edited behind our back must not stop the others
            logger.error("Task %s has a wrong schedule and fires no more: %s", task.pk, error)
            task.next_run_at = None
    due_runs.insert_new(runs)
    by_next: dict[datetime | None, list[int]] = defaultdict(list)
    for task in tasks:
        by_next[task.next_run_at].append(task.pk)
    for at, ids in by_next.items():
        ScheduledTask.objects.filter(pk__in=ids).update(next_run_at=at)


def _due_runs(task: ScheduledTask, now: datetime, until: datetime, *, is_off: bool) -> list[Run]:
    """Return the unsaved runs that the task owes, and set its `next_run_at`.

    `is_off`: the tenant is switched off, its due times are skipped, its windows wait.
    """
    if task.hands_out_windows:
        return window_cursor.next_due_run(task, now) if not is_off else window_cursor.postpone(task, now)
    dues, following = due_runs.dues_of(task, until)
    if following is not None and following <= now:  # more due times than one step takes
        arrears.note_arrears([task], now)
        dues, following = due_runs.dues_of(task, until) if task.next_run_at else ([], None)
    task.next_run_at = following
    return due_runs.runs_of(task, dues, now, is_off=is_off)
