"""What may begin after a run's end.

The next run in its task's line begins at once, all else when beat looks: it is woken for that.
"""

from __future__ import annotations

from datetime import datetime

import redis
from django.db import transaction
from django.db.models import Q

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
    is_passed_on = was_alone and _send_next(run, now)
    others_wait = not is_passed_on and _others_wait(run, was_alone)
    if others_wait or (next_run_at is not None and next_run_at <= now):
        wake.beat()


def _send_next(run: Run, now: datetime) -> bool:
    """Send the next run in the task's line, and return whether it was sent: messages of other runs go before it.

    That is asked first: under load a queue is seldom empty, and nothing else has to be read then.
    """
    try:
        is_free = publish_at_once.is_queue_empty(run.execution_type)
    except redis.RedisError:
        return False
    if not is_free or not RUNS.has(WAITING | {"task_id": run.task_id}) or _other_tasks_wait(run):
        return False
    following = fair_order.next_of(run.task_id, now)
    return following is not None and publish_at_once.send_in_place(following)


def _other_tasks_wait(run: Run) -> bool:
    """Return whether other tasks of a tenant at its limit wait for the run's place: beat knows whose turn it is."""
    if not tenant_limit.needs_lock(run):
        return False
    waiting = Run.objects.filter(Q(tenant_id=run.tenant_id), **WAITING)
    return waiting.exclude(task_id=run.task_id).exists()


def _others_wait(run: Run, was_alone: bool) -> bool:
    """Return whether others wait for the place that the run had under its tenant's or its backfill's limit."""
    if tenant_limit.needs_lock(run) and RUNS.has(WAITING | {"tenant_id": run.tenant_id}):
        return True
    of_backfill = WAITING | {"task_id": run.task_id, "backfill_id": run.backfill_id}
    return run.backfill_id is not None and not was_alone and RUNS.has(of_backfill)
