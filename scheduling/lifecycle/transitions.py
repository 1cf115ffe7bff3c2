"""The only writer of `Run.status`.

        ┌───────────────(retry, worker lost)──────────────┐
        ▼                                                 │
    queued ──claim──> running ──finish──> success │ failed │ canceled
        └──> skipped │ missed │ canceled

Every change is one UPDATE that names the state it expects; the count shows whether this process made it.
What belongs to a run's end (the task's last status, the window cursor, the messages; see run_end.py) is written in its
transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from common.framework.rows import Rows
from scheduling.execution import CANCELED, Outcome, failed
from scheduling.lifecycle import (
    backfill_progress,
    follow,
    metrics,
    retries,
    run_alerts,
    run_end,
    run_logs,
    tenant_limit,
    traces,
)
from scheduling.lifecycle.leases import LEASE
from scheduling.lifecycle.run_logs import WriteLines
from scheduling.models import OverlapPolicy, Run, RunStatus, ScheduledTask

logger = logging.getLogger(__name__)
T = TypeVar("T")
RUNS = Rows(Run)


def claim(run: Run, task: ScheduledTask, worker: str, now: datetime) -> bool:
    """Move a run from queued to running for this worker.

    Return False where another worker has the run, where the run is not due yet, or where its task, backfill or tenant
    already has as many runs as it may.
    """
    alone = task.hands_out_windows or task.overlap_policy != OverlapPolicy.ALLOW
    beside = run.backfill_id is not None and not alone
    try:
        if not beside and not tenant_limit.needs_lock(run):
            return _take(run, worker, now, alone=alone)
        with transaction.atomic():
            if (not beside or backfill_progress.has_room(run)) and tenant_limit.has_room(run):
                return _take(run, worker, now, alone=alone)
    except IntegrityError:  # busy_task_id is taken: the run waits until its predecessor ends
        pass
    put_back(run.trace_id)
    return False


def _take(run: Run, worker: str, now: datetime, *, alone: bool) -> bool:
    if run.not_before > now:
        return False
    return _change(
        run,
        {"pk": run.pk, "status": RunStatus.QUEUED, "attempt": run.attempt},
        status=RunStatus.RUNNING,
        worker=worker,
        lease_until=now + LEASE,
        busy_task_id=run.task_id if alone else None,
        retry_count=run.attempt,
        attempt=run.attempt + 1,
        started_at=now,
        first_started_at=run.first_started_at or now,
        finished_at=None,
    )


def put_back(trace_id: str) -> None:
    """Mark a run as not published, because the worker with its message did not begin it: beat publishes it again."""
    Run.objects.filter(trace_id=trace_id, status=RunStatus.QUEUED).update(published_at=None)


def finish(run: Run, outcome: Outcome, now: datetime, write_lines: WriteLines = lambda: None) -> bool:
    """Move a run from running to its end, or back to queued where another attempt is due.

    Return False where the run is no longer ours. Task and backfill are locked before the run and its lines are written,
    here and wherever both are written: so no two transactions wait for each other.
    """
    with transaction.atomic():
        task = run_end.lock(run)
        output = write_lines()
        pause = retries.pause(run, task, outcome, now)
        was_alone = run.busy_task_id is not None
        if pause is not None:
            requeued = _requeue(run, outcome, now + pause)
            follow.let_others_begin(run, now, was_alone=was_alone)
            return requeued
        ended = _end(run, outcome, now, run_logs.joined(run.pk) if output is None else output)
        if ended:
            run_end.settle(run, task, outcome, now, was_alone=was_alone)
            metrics.count_ends([run])
            transaction.on_commit(partial(traces.trace_end, run))
        return ended


def give_up(run: Run, outcome: Outcome, now: datetime, write_lines: WriteLines) -> bool:
    """Move a run from running to failed after an unforeseen error. Return False where it is no longer ours.

    Parts of its end that fail as well are left out, but the end itself is not.
    """
    with transaction.atomic():
        task = run_end.lock(run)
        output = _try_step(run, write_lines) or _try_step(run, partial(run_logs.joined, run.pk)) or ""
        was_alone = run.busy_task_id is not None
        ended = _end(run, outcome, now, output)
        if ended:
            for step in run_end.steps_of(run, task, outcome, now, was_alone=was_alone):
                _try_step(run, step)
            _try_step(run, partial(metrics.count_ends, [run]))
        return ended


def _try_step(run: Run, step: Callable[[], T]) -> T | None:
    """Return what the step returns, None where it failed.

    A database that is away is no reason to leave a step out: its errors are raised.
    """
    try:
        with transaction.atomic():
            return step()
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("A part of the end of run %s is left out", run.trace_id)
        return None


def _as_claimed(run: Run) -> dict[str, Any]:
    return {"pk": run.pk, "status": RunStatus.RUNNING, "attempt": run.attempt, "worker": run.worker}


# After these codes a run may go on outside: the next attempt looks for it by these columns, forgotten after others.
MAY_GO_ON_OUTSIDE = frozenset({"worker_lost"})
FORGET_EXTERNAL_IDS = {"external_id": "", "external_task_id": "", "called_at": None}
# In the error of a waiting run that has not begun its next attempt, this precedes the error of the last one.
ATTEMPT_BEFORE = " The attempt before: "
RELEASED = {"busy_task_id": None, "lease_until": None, "published_at": None}
# Runs that no worker has: they wait, or another program has inserted them as running, and may never end them.
WITHOUT_WORKER = Q(status=RunStatus.QUEUED) | Q(status=RunStatus.RUNNING, lease_until=None)


def _requeue(run: Run, outcome: Outcome, not_before: datetime) -> bool:
    changed = RUNS.update(
        _as_claimed(run),
        status=RunStatus.QUEUED,
        not_before=not_before,
        waits=True,  # it has begun: it must not be skipped because of a later run that runs by now
        error=_why_queued(run, outcome),
        error_code=outcome.error_code,
        **_attempt_counts(run, outcome),
        **_timeline_columns(outcome),
        **({} if outcome.error_code in MAY_GO_ON_OUTSIDE else FORGET_EXTERNAL_IDS),
        **RELEASED,
    )
    return bool(changed)


def _why_queued(run: Run, outcome: Outcome) -> str:
    """Return what the run waits for; where that was no attempt, the error of the attempt before stays with it."""
    if outcome.is_attempt or run.attempt == 1:
        return outcome.error
    before = run.error.partition(ATTEMPT_BEFORE)[2] or f"{run.error_code}: {run.error}"
    return f"{outcome.error}{ATTEMPT_BEFORE}{before}"


def _attempt_counts(run: Run, outcome: Outcome) -> dict[str, Any]:
    if outcome.is_attempt:
        return {"unstarted_count": run.unstarted_count + (outcome.again_after is not None)}
    first = {"first_started_at": None, "started_at": None} if run.attempt == 1 else {}
    return {"attempt": run.attempt - 1, "retry_count": max(0, run.attempt - 2)} | first


def _end(run: Run, outcome: Outcome, now: datetime, output: str) -> bool:
    duration = (now - run.first_started_at) / timedelta(milliseconds=1) if run.first_started_at else 0
    return _change(
        run,
        _as_claimed(run),
        status=RunStatus(outcome.status),
        finished_at=now,
        duration_ms=max(0, round(duration)),
        output=output,
        result=outcome.result,
        error=outcome.error,
        error_code=outcome.error_code,
        tokens=outcome.tokens,
        cost=outcome.cost,
        **_timeline_columns(outcome),
        **RELEASED,
    )


def _change(run: Run, expected: dict[str, Any], **columns: Any) -> bool:
    """Change the row where it is still as expected, and `run` with it. Return whether it was changed."""
    if not RUNS.update(expected, **columns):
        return False
    for name, value in columns.items():
        if name != "busy_task_id" or value is not None:  # kept: an end that is rolled back is written again
            setattr(run, name, value)
    return True


def _timeline_columns(outcome: Outcome) -> dict[str, Any]:
    """Return the columns for the timeline; none where there is none.

    The attempt of a recovered run has seen none: what the one before has seen stays.
    """
    return {"timeline": outcome.timeline} if outcome.timeline else {}


def cancel(run: Run, now: datetime, by: str) -> bool:
    """End a queued run at once, and ask a running one to end. Return False where it has already ended."""
    with transaction.atomic():
        task = run_end.lock(run)
        if cancel_queued([run.pk], now, by):
            run.refresh_from_db()
            run_end.settle(run, task, CANCELED, now, was_alone=True)
            return True
        running = Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING)
        return bool(running.update(cancel_requested_at=Coalesce(F("cancel_requested_at"), Value(now))))


def cancel_queued(run_ids: list[int], now: datetime, by: str) -> int:
    """Move runs from queued to canceled, and return how many.

    What that means for task and backfill is left to the caller.
    """
    return _end_unstarted(run_ids, RunStatus.CANCELED, "canceled", f"Canceled by {by}.", now)


def skip(run_ids: list[int], error_code: str, error: str, now: datetime) -> int:
    """Move runs from queued to skipped, for due times that must not run. Return how many."""
    return _end_unstarted(run_ids, RunStatus.SKIPPED, error_code, error, now)


def miss(run_ids: list[int], error: str, now: datetime) -> int:
    """Move runs from queued to missed, for due times that were reached too late. Return how many."""
    return _end_unstarted(run_ids, RunStatus.MISSED, "misfire", error, now)


def _end_unstarted(run_ids: list[int], status: RunStatus, error_code: str, error: str, now: datetime) -> int:
    """End those of the runs that no worker has, and return how many.

    They are found by primary key, as by a claim: by another index MySQL would lock row and key in the other order.
    """
    ended = Run.objects.filter(WITHOUT_WORKER, pk__in=run_ids).update(
        status=status, error_code=error_code, error=error, finished_at=now, **RELEASED
    )
    if ended:
        metrics.count_unread_ends(pk__in=run_ids, status=status)
    return ended


def refuse(trace_id: str, worker: str, error: str, now: datetime) -> bool:
    """Move a run that is queued, or running here, to failed where its task's own columns can't be read.

    For such a task nothing is settled. Return False where the run is in another state.
    """
    unread = Run.objects.filter(trace_id=trace_id).filter(
        Q(status=RunStatus.QUEUED) | Q(status=RunStatus.RUNNING, worker=worker)
    )
    refused = unread.update(
        status=RunStatus.FAILED, finished_at=now, error_code="config_error", error=error, **RELEASED
    )
    if refused:
        metrics.count_unread_ends(trace_id=trace_id)
    return bool(refused)


def lose(run: Run, now: datetime, write_lines: WriteLines = lambda: None) -> bool:
    """Take back a run whose lease has lapsed, because its worker died.

    Return False where the lease has been renewed or the run has ended. The run gets one attempt more than the retries
    allow, then it ends with `worker_lost`.
    """
    with transaction.atomic():
        task = run_end.lock(run)
        write_lines()
        lapsed = _as_claimed(run) | {"lease_until": run.lease_until}
        if not _change(run, lapsed, lost_count=run.lost_count + 1):
            return False
        metrics.count_loss(run)
        run_alerts.alert_lost_worker(run, task, _why_lost(run), now)
        return finish(run, _outcome_of_lost(run), now)


def _outcome_of_lost(run: Run) -> Outcome:
    if run.cancel_requested_at is not None:
        return CANCELED
    return failed("worker_lost", _why_lost(run))


def _why_lost(run: Run) -> str:
    return f"The worker {run.worker} was lost, or lost its database, during attempt {run.attempt}."
