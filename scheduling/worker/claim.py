"""The claim: a message from Redis becomes this worker's run, or nothing, as messages may come twice or late."""

from __future__ import annotations

from datetime import datetime

from common.framework.rows import Rows
from scheduling.lifecycle import metrics, tenant_limit, traces, transitions, window_cursor
from scheduling.models import Run, RunStatus, ScheduledTask

RUNS = Rows(Run, along={"task": Rows(ScheduledTask), "tenant": tenant_limit.TENANTS})


def claim(trace_id: str, worker: str, now: datetime) -> tuple[Run, ScheduledTask] | None:
    """Claim the run. Return it and its task, both as they are now; None if there is nothing to do."""
    run = RUNS.find(trace_id=trace_id, status=RunStatus.QUEUED)
    if run is None:
        return None
    try:
        task = run.task
    except ScheduledTask.DoesNotExist:
        transitions.cancel(run, now, "the task's deletion")
        return None
    return (run, task) if transitions.claim(run, task, worker, now) else None


def begin(run: Run, task: ScheduledTask, now: datetime) -> None:
    """Do what follows a claim: count it, and give the run its window. Raises NoWindowError.

    It is separate from `claim` because the run is this worker's by then: an exception here must end the run.
    """
    metrics.count_claim(run, now)
    traces.trace_claim(run, run.published_at, now)
    window_cursor.take_window(run, task, now)
