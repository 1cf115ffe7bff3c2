"""The spans of a run's trace: publish, claim, execute; the root `run` holds them and its messages' deliveries.

due ──publish──> on Redis ──claim──> execute ──> end ──> deliver …
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from common import traces
from scheduling.models import Run


def trace_publishing(runs: Iterable[tuple[str, datetime]], at: datetime) -> None:
    """Add a span to each (trace_id, not_before) pair: from when the run might be published until it was."""
    if traces.is_on():
        for trace_id, not_before in runs:
            traces.span("publish", trace_id, not_before, at)


def trace_claim(run: Run, published_at: datetime | None, now: datetime) -> None:
    """Add a span for how long the run's message waited for a worker."""
    traces.span("claim", run.trace_id, published_at or now, now, worker=run.worker, attempt=run.attempt)


def trace_end(run: Run) -> None:
    start, end = run.due_at or run.created_at, run.finished_at or run.created_at
    traces.root(
        "run",
        run.trace_id,
        min(start, end),
        end,
        task=run.task_name,
        kind=run.execution_type,
        status=run.status,
        error_code=run.error_code,
        attempts=run.attempt,
    )
