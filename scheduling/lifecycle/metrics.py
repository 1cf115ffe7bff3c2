"""The metrics of runs at /metrics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any

from django.db import transaction

from common.metrics import Count, Histogram
from scheduling.kinds import KINDS
from scheduling.lifecycle.error_codes import NO_FAILURE, RETRYABLE
from scheduling.models import Run, RunStatus, Trigger

KIND_LABELS = tuple((kind,) for kind in KINDS)
ENDS = ((RunStatus.SUCCESS, ""), *((NO_FAILURE.get(code, RunStatus.FAILED), code) for code in RETRYABLE))
RUNS = Count(
    "platform_runs",
    "Runs that have ended, the skipped and missed ones too, and why: their error_code.",
    ("status", "kind", "reason"),
    tuple((status, kind, code) for (status, code), (kind,) in product(ENDS, KIND_LABELS)),
)
LOST = Count("platform_attempts_lost", "Attempts that a worker has not lived to end.", ("kind",), KIND_LABELS)
LATENESS = Histogram(
    "platform_due_to_claimed_seconds",
    "From the due time to the first start of scheduled runs.",
    ("kind",),
    (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    KIND_LABELS,
)
DURATION = Histogram(
    "platform_run_seconds",
    "How long the last attempt of a run took.",
    ("kind",),
    (0.05, 0.25, 1, 5, 15, 60, 300, 1200, 3600),
    KIND_LABELS,
)
LEVELS = (("0",), ("1",), ("2",), ("3",))
SANDBOX_STARTS = Count(
    "platform_sandbox_starts", "Sandboxes begun; each takes many scripts.", ("level",), LEVELS
)


def count_claim(run: Run, now: datetime) -> None:
    if run.trigger == Trigger.SCHEDULE and run.attempt == 1 and run.due_at is not None:
        LATENESS.observe(max(0.0, (now - run.due_at).total_seconds()), run.execution_type)


def count_ends(runs: Iterable[Run]) -> None:
    """Count the runs that have ended, when the transaction commits."""
    transaction.on_commit(partial(_count_ends, [run for run in runs if run.status != RunStatus.QUEUED]))


def _count_ends(runs: list[Run]) -> None:
    for run in runs:
        RUNS.add(run.status, run.execution_type, run.error_code)
        if run.duration_ms is not None:
            DURATION.observe(run.duration_ms / 1000, run.execution_type)


def count_unread_ends(**which: Any) -> None:
    """Count the runs that an UPDATE has just ended; `which` selects them."""
    count_ends(
        Run.objects.filter(**which).order_by().only("status", "execution_type", "error_code", "duration_ms")
    )


def count_loss(run: Run) -> None:
    transaction.on_commit(partial(LOST.add, run.execution_type))
