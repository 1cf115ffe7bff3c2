"""Runs that another system has carried out: rows as they ended there, which nothing here fires, retries or tells of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scheduling.models import Run, RunStatus, ScheduledTask, Trigger


@dataclass(frozen=True)
class Past:
    """`trace_id` is its key: taken once. `status`: success or failed."""

    trace_id: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None = None
    created_at: datetime | None = None
    due_at: datetime | None = None
    window: tuple[datetime, datetime] | None = None
    output: str = ""
    error: str = ""
    result: Any = None
    retry_count: int = 0
    params: dict[str, Any] = field(default_factory=dict)


def add(task: ScheduledTask, runs: Sequence[Past], taken_from: str) -> int:
    """How many were new. No `fire_at`: the fence is for what this platform fires."""
    known = set(
        Run.objects.filter(trace_id__in=[run.trace_id for run in runs]).values_list("trace_id", flat=True)
    )
    rows = [_row(task, run, taken_from) for run in runs if run.trace_id not in known]
    Run.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _row(task: ScheduledTask, run: Past, taken_from: str) -> Run:
    start, end = run.window or (None, None)
    took = run.finished_at - run.started_at if run.finished_at else None
    return Run(
        task=task,
        task_name=task.task_name,
        task_version=task.version,
        execution_type=task.execution_type,
        tenant_id=task.tenant_id,
        trace_id=run.trace_id,
        status=run.status,
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
        duration_ms=max(0, round(took.total_seconds() * 1000)) if took is not None else None,
        output=run.output,
        result=run.result,
        error=run.error,
        created_at=run.created_at or run.started_at,
    )
