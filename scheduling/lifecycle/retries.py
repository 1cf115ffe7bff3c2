"""Whether a failed attempt is followed by another, and when."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import cast

from common.backoff import Backoff, backoff_seconds
from scheduling.execution import Outcome
from scheduling.lifecycle.error_codes import RETRYABLE
from scheduling.models import Run, ScheduledTask


def pause(run: Run, task: ScheduledTask | None, outcome: Outcome, now: datetime) -> timedelta | None:
    """Return how long to wait for the next attempt, None where this was the last."""
    if task is None or outcome.status != "failed" or run.cancel_requested_at is not None:
        return None
    if outcome.again_after is not None:
        in_time = outcome.postponed or _before_deadline(run, task, now + outcome.again_after)
        return outcome.again_after if in_time else None
    if not outcome.retryable or not RETRYABLE[outcome.error_code] or _used_attempts(run) > task.retry_count:
        return None
    if outcome.error_code == "worker_lost":
        # A run with an external id is only looked up outside: nothing is repeated.
        return timedelta(0) if task.retry_on_worker_lost or run.external_id else None
    return between_attempts(task, _used_attempts(run))


def _used_attempts(run: Run) -> int:
    """Return how many attempts count against `retry_count`.

    The first lost worker and attempts that could not start are on top of it.
    """
    return run.attempt - min(run.lost_count, 1) - run.unstarted_count


def max_attempts(run: Run, task: ScheduledTask) -> int:
    """Return how many attempts the run may have, as far as is known: those that can't start come on top."""
    return max(run.attempt, task.retry_count + 1 + min(run.lost_count, 1) + run.unstarted_count)


def _before_deadline(run: Run, task: ScheduledTask, then: datetime) -> bool:
    return run.first_started_at is None or then < run.first_started_at + task.timeout


def between_attempts(task: ScheduledTask, failures: int) -> timedelta:
    """Return the pause after so many `failures`, counted from 1.

    Exponential: interval × 2^(failures − 1), at most an hour, ± 20 %.
    """
    backoff = cast(Backoff, task.retry_backoff)
    return timedelta(seconds=backoff_seconds(backoff, task.retry_interval, failures, random.Random()))  # noqa: S311  jitter
