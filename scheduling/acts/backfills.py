"""Backfills: runs for a range of time that has passed are planned, written as rows, canceled.

They wait like manual runs, at most `max_parallel` at once, behind the runs that the task's schedule makes meanwhile.
They never move the window cursor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.row_locks import locked
from scheduling.acts.task_rules import reader_language
from scheduling.lifecycle import transitions
from scheduling.lifecycle.new_run import new_run
from scheduling.models import Backfill, Run, RunStatus, ScheduledTask, Trigger
from scheduling.planning.schedules import interval_of, schedule_of
from scheduling.schedule.data_windows import Window
from scheduling.schedule.due import between
from scheduling.schedule.errors import ScheduleError
from scheduling.schedule.rule import Schedule
from tenants import audit
from tenants.access import Actor

MAX_RUNS = 10_000
BATCH = 500
TICK = timedelta.resolution


class BackfillRefusedError(Exception):
    """A backfill that can't be made. `field` names what is at fault: from_at, to_at or max_parallel."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class PlannedRun:
    due_at: datetime
    window: Window | None = None


def plan(task: ScheduledTask, from_at: datetime, to_at: datetime, now: datetime) -> list[PlannedRun]:
    """Return the due times in [from_at, to_at); of a windows task the whole windows that fit in, one after another.

    The first window starts at `from_at`. Raises BackfillRefusedError.
    """
    _require_range(from_at=from_at, to_at=to_at)
    if from_at >= to_at:
        raise BackfillRefusedError("to_at", _("The range's end must be after its start."))
    try:
        planned = (_windows if task.hands_out_windows else _due_times)(task, from_at, to_at)
    except ScheduleError as error:
        raise BackfillRefusedError("from_at", error.text(reader_language())) from error
    if len(planned) > MAX_RUNS:
        raise BackfillRefusedError(
            "to_at", _("The range has more than %(most)d runs: choose a shorter one.") % {"most": MAX_RUNS}
        )
    if planned and planned[-1].due_at > now:
        raise BackfillRefusedError("to_at", _("The range contains future due times: choose an earlier end."))
    return planned


def _require_range(**columns: object) -> None:
    """Raise BackfillRefusedError for a value that no backfill may have."""
    for name, value in columns.items():
        if text := Backfill.rules[name].problem_with(value):
            raise BackfillRefusedError(name, text)


def _due_times(task: ScheduledTask, from_at: datetime, to_at: datetime) -> list[PlannedRun]:
    schedule = _extended_back(schedule_of(task), from_at)
    return [PlannedRun(due) for due in between(schedule, from_at - TICK, to_at - TICK, MAX_RUNS + 1)]


def _extended_back(schedule: Schedule, from_at: datetime) -> Schedule:
    """Return the schedule with an interval's grid, which begins with the task, extended back to `from_at`."""
    if schedule.schedule_type != "interval" or schedule.anchor <= from_at:
        return schedule
    steps = (schedule.anchor - from_at) // schedule.interval + 1
    return replace(schedule, anchor=schedule.anchor - steps * schedule.interval)


def _windows(task: ScheduledTask, from_at: datetime, to_at: datetime) -> list[PlannedRun]:
    interval = interval_of(task)
    count = min((to_at - from_at) // interval, MAX_RUNS + 1)
    starts = [from_at + n * interval for n in range(count)]
    return [PlannedRun(start + interval, Window(start, start + interval)) for start in starts]


def start(
    task: ScheduledTask,
    from_at: datetime,
    to_at: datetime,
    max_parallel: int,
    actor: Actor,
    now: datetime,
    *,
    sends_messages: bool = False,
) -> Backfill:
    """Save the backfill and its queued runs in one transaction. Raises BackfillRefusedError, IncompleteTaskError.

    Unless it `sends_messages`, its runs send no results: one summary follows the last of them.
    """
    task.require_complete()
    _require_range(max_parallel=max_parallel)
    planned = plan(task, from_at, to_at, now)
    if not planned:
        raise BackfillRefusedError("from_at", _("The schedule has no due times in this range."))
    with transaction.atomic():
        backfill = Backfill.objects.create(
            task=task,
            tenant_id=task.tenant_id,
            from_at=from_at,
            to_at=to_at,
            max_parallel=max_parallel,
            sends_messages=sends_messages,
            total=len(planned),
            created_by=actor.username,
        )
        Run.objects.bulk_create((_new_run(task, backfill, one, now) for one in planned), batch_size=BATCH)
        audit.record(actor, "backfill", task, {"backfill_id": backfill.pk, "range": str(backfill)})
    return backfill


def _new_run(task: ScheduledTask, backfill: Backfill, planned: PlannedRun, now: datetime) -> Run:
    run = new_run(task, Trigger.BACKFILL, now)
    run.backfill, run.triggered_by, run.waits = backfill, backfill.created_by, True
    run.due_at = planned.due_at
    if planned.window is not None:
        run.window_start, run.window_end = planned.window.start, planned.window.end
    return run


def cancel(backfill: Backfill, now: datetime, actor: Actor) -> bool:
    """End the queued runs at once, and ask the running ones to end.

    Return False where the backfill has already ended, or was canceled before.
    """
    by = actor.username
    with transaction.atomic():
        _lock(backfill)
        rows = Backfill.objects.filter(pk=backfill.pk)
        if not rows.filter(canceled_at=None, done__lt=F("total")).update(canceled_at=now):
            return False
        runs = Run.objects.filter(task_id=backfill.task_id, backfill=backfill)
        queued = list(runs.filter(status=RunStatus.QUEUED).values_list("pk", flat=True))
        for first in range(0, len(queued), BATCH):
            canceled = transitions.cancel_queued(queued[first : first + BATCH], now, by)
            rows.update(done=F("done") + canceled)
        for run in runs.filter(status=RunStatus.RUNNING):
            transitions.cancel(run, now, by)
        audit.record(actor, "cancel", backfill)
    return True


def _lock(backfill: Backfill) -> None:
    """Lock the task, then the backfill, which is the order of `backfill_progress`.

    A claim or an end of one of its runs waits for us, or we wait for it.
    """
    locked(ScheduledTask.objects.filter(pk=backfill.task_id), skip=False).first()
    locked(Backfill.objects.filter(pk=backfill.pk), skip=False).first()


def cancel_all_of(task: ScheduledTask, now: datetime, actor: Actor) -> None:
    for backfill in Backfill.objects.filter(task=task, canceled_at=None, done__lt=F("total")):
        cancel(backfill, now, actor)
