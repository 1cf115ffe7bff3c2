"""Publishing of one run right after the commit, not with beat's next tick.

It is for a run that somebody waits for, or that is the next in its task's line, and only where no other run is passed
over. A queue with messages in it, and a tenant near its limit, are left to beat, which is woken for the latter.
Whether the task is busy is seen at the claim. The mark that a run is published comes before its message, because a
claim that finds the task busy takes the mark away again.
"""

from __future__ import annotations

import logging
from contextlib import suppress

import redis
from django.db.models import QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from common.redis_client import client
from scheduling.kinds import QUEUE_OF
from scheduling.lifecycle import tenant_limit, traces, wake
from scheduling.lifecycle.publish import publish, shown
from scheduling.models import Run, RunStatus

logger = logging.getLogger(__name__)


def mark(run: Run) -> None:
    """Mark a run that is about to be inserted as published, where it may be: `send` need not write the mark then."""
    with suppress(redis.RedisError):
        if not tenant_limit.needs_lock(run) and is_queue_empty(run.execution_type):
            run.published_at = timezone.now()


def send(run: Run) -> None:
    """Publish a run whose row is committed, if `mark` has let it. What fails here is left to beat."""
    if run.published_at is not None:
        _publish(run)
    elif tenant_limit.needs_lock(run):
        wake.beat()


def send_in_place(run: Run) -> bool:
    """Publish a run that takes the place of one that has ended, under its tenant's limits.

    Return whether it was published: not where messages are before it, or where another process has sent it.
    """
    return bool(_mark_published(run)) and _publish(run)


def _publish(run: Run) -> bool:
    """Publish a marked run where its queue is empty, else take the mark away. Return whether it was published."""
    try:
        if is_queue_empty(run.execution_type):
            sent_at = timezone.now()
            publish([(run.trace_id, run.execution_type)], {run.trace_id: shown(run)})
            traces.trace_publishing([(run.trace_id, run.not_before)], sent_at)
            return True
    except (OperationalError, redis.RedisError, OSError) as error:
        logger.warning("Redis does not answer, run %s waits in the database: %s", run.trace_id, error)
    _queued(run).update(published_at=None)
    return False


def is_queue_empty(kind: str) -> bool:
    """Return whether the queue of this kind is empty. Raises redis.RedisError."""
    return not client().llen(QUEUE_OF[kind])


def _mark_published(run: Run) -> int:
    """Mark the run as published; return 0 where that was done before."""
    return _queued(run).filter(published_at=None).update(published_at=timezone.now())


def _queued(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(pk=run.pk, status=RunStatus.QUEUED)
