"""Runs that another system has carried out.

They are rows that hold how the runs ended there; this platform fires, retries and reports none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from scheduling.models import Run, RunDay, RunStatus, ScheduledTask, Trigger

BATCH = 50  # rows with the old systems' texts, 64 KiB each: within what MySQL takes in one packet
MAX_MS = 2**31 - 1  # the largest integer that every database takes
UNENDED_ERROR = "The run had not ended in the old system when it was imported, so its outcome is unknown."
ENDING = (
    "status", "attempt", "retry_count", "finished_at", "duration_ms", "output", "result", "error", "error_code",
    "window_start", "window_end",
)  # fmt: skip


@dataclass(frozen=True)
class ImportedRun:
    """A run of another system. `trace_id` is its key, by which it is imported only once.

    `status` is success or failed; None: it had not ended there.
    """

    trace_id: str
    status: RunStatus | None
    started_at: datetime
    finished_at: datetime | None = None
    created_at: datetime | None = None
    due_at: datetime | None = None
    window: tuple[datetime, datetime] | None = None
    output: str = ""
    error: str = ""
    error_code: str = ""
    result: Any = None
    retry_count: int = 0
    params: dict[str, Any] = field(default_factory=dict)


def add(task: ScheduledTask, runs: Sequence[ImportedRun], taken_from: str) -> int:
    """Import runs. Return how many were new, or have ended since they were imported.

    The rows have no `fire_at`: the fence is for what this platform fires.
    """
    traces = [run.trace_id for run in runs]
    known = {run.trace_id: run for run in Run.objects.filter(trace_id__in=traces).only("trace_id", "error")}
    rows = [_row(task, run, taken_from) for run in runs if run.trace_id not in known]
    Run.objects.bulk_create(rows, batch_size=BATCH)
    ended = [run for run in runs if run.trace_id in known and run.status and _is_open(known[run.trace_id])]
    for run in ended:
        columns = {name: getattr(_row(task, run, taken_from), name) for name in ENDING}
        Run.objects.filter(pk=known[run.trace_id].pk).update(**columns)
    days = {timezone.localtime(run.started_at).date() for run in runs}
    RunDay.objects.filter(date__in=days).delete()  # beat counts these days anew
    return len(rows) + len(ended)


def _is_open(run: Run) -> bool:
    return run.error.startswith(UNENDED_ERROR)


def _row(task: ScheduledTask, run: ImportedRun, taken_from: str) -> Run:
    start, end = run.window or (None, None)
    took = run.finished_at - run.started_at if run.finished_at else None
    return Run(
        task=task,
        task_name=task.task_name,
        task_version=task.version,
        execution_type=task.execution_type,
        tenant_id=task.tenant_id,
        trace_id=run.trace_id,
        status=run.status or RunStatus.FAILED,
        trigger=Trigger.SCHEDULE,
        triggered_by=taken_from[:150],
        due_at=run.due_at,
        window_start=start,
        window_end=end,
        params=run.params,
        not_before=run.started_at,
        attempt=run.retry_count + 1,
        retry_count=run.retry_count,
        first_started_at=run.started_at,
        started_at=run.started_at,
        finished_at=run.finished_at or run.started_at,
        duration_ms=min(max(0, took // timedelta(milliseconds=1)), MAX_MS) if took is not None else None,
        output=run.output,
        result=run.result,
        error=run.error if run.status else f"{UNENDED_ERROR} {run.error}".strip(),
        error_code=run.error_code,
        created_at=run.created_at or run.started_at,
    )
