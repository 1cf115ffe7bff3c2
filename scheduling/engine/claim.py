"""A message from Redis becomes this worker's run, or nothing: messages may come twice or late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from common.rows import Rows
from scheduling.engine import figures, tenant_limit, traces, transitions, window_cursor
from scheduling.execution import CANCELED
from scheduling.models import Run, RunStatus, ScheduledTask

RUNS = Rows(Run, along={"task": Rows(ScheduledTask), "tenant": tenant_limit.TENANTS})


def claim(trace_id: str, worker: str, now: datetime) -> tuple[Run, ScheduledTask] | None:
    """The run and its task, both as they are now; None: there is nothing to do."""
    run = RUNS.find(trace_id=trace_id, status=RunStatus.QUEUED)
    if run is None:
        return None
    try:
        task = run.task
    except ScheduledTask.DoesNotExist:
        transitions.cancel(run, now, "the task's deletion")
        return None
    published_at = run.published_at
    if not transitions.claim(run, task, worker, now):
        return None
    figures.claimed(run, now)
    traces.claimed(run, published_at, now)
    try:
        window_cursor.take(run, task, now)
    except window_cursor.NoWindowError as error:  # the run before has moved the cursor up to this second
        transitions.finish(run, replace(CANCELED, error=str(error)), now)
        return None
    return run, task
