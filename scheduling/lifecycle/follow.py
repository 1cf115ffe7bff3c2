"""What may begin after a run's end.

The next run in its task's line begins at once, all else when beat looks: it is woken for that.
"""

from __future__ import annotations

from datetime import datetime

import redis
from django.db import transaction

from common.framework.rows import Rows
from scheduling.lifecycle import fair_order, publish_at_once, tenant_limit, wake
from scheduling.models import Run, RunStatus

RUNS = Rows(Run)
WAITING = {"status": RunStatus.QUEUED, "waits": True, "published_at": None}


def let_others_begin(
    run: Run, now: datetime, *, was_alone: bool, next_run_at: datetime | None = None
) -> None:
    """Let what has waited for this end begin after the commit.

    Call it in the transaction that ends the run or its attempt. `was_alone`: the run's task runs one at a time.
    `next_run_at`: when the task's next window is over.
    """
    transaction.on_commit(lambda: _let_begin(run, now, was_alone, next_run_at), robust=True)


def _let_begin(run: Run, now: datetime, was_alone: bool, next_run_at: datetime | None) -> None:
    if was_alone:
        _send_next(run, now)
    if _others_wait(run, was_alone) or (next_run_at is not None and next_run_at <= now):
        wake.beat()


def _send_next(run: Run, now: datetime) -> None:
    """Send the next run in the task's line, unless messages of other runs wait before it.

    That is asked first: under load a queue is seldom empty, and nothing else has to be read then.
    """
    try:
        is_free = publish_at_once.is_queue_empty(run.execution_type)
    except redis.RedisError:
        return
    if is_free and RUNS.has(WAITING | {"task_id": run.task_id}):
        following = fair_order.next_of(run.task_id, now)
        if following is not None:
            publish_at_once.send(following)


def _others_wait(run: Run, was_alone: bool) -> bool:
    """Return whether others wait for the place that the run had under its tenant's or its backfill's limit."""
    if tenant_limit.needs_lock(run) and RUNS.has(WAITING | {"tenant_id": run.tenant_id}):
        return True
    of_backfill = WAITING | {"task_id": run.task_id, "backfill_id": run.backfill_id}
    return run.backfill_id is not None and not was_alone and RUNS.has(of_backfill)
