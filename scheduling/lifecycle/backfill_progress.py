"""A backfill's row while its runs begin and end. Locks are taken in the order task, backfill, run."""

from __future__ import annotations

from django.db.models import F

from common.row_locks import locked
from scheduling.models import Backfill, Run, RunStatus


def lock(run: Run) -> Backfill | None:
    if run.backfill_id is None:
        return None
    return locked(Backfill.objects.filter(pk=run.backfill_id), skip=False).first()


def has_room(run: Run) -> bool:
    """Return whether one more of the backfill's runs may start.

    The lock is held until the claim is committed, so that two can't take the last place.
    """
    backfill = lock(run)
    if backfill is None:
        return True
    running = Run.objects.filter(task_id=run.task_id, status=RunStatus.RUNNING, backfill=backfill)
    return running.count() < backfill.max_parallel


def count_end(run: Run) -> None:
    """Count the run's end on its backfill, in the transaction that ends the run."""
    if run.backfill_id is not None:
        failed = run.status == RunStatus.FAILED
        Backfill.objects.filter(pk=run.backfill_id).update(done=F("done") + 1, failed=F("failed") + failed)
