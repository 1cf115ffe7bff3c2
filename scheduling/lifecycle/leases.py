"""Leases on runs: workers renew them, and beat takes back the runs that a dead worker has left."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from common.logs import tracing
from scheduling.lifecycle import transitions
from scheduling.models import Run, RunStatus

logger = logging.getLogger(__name__)
RENEW_SECONDS = 10.0
# More than this between two looks: the database or beat was frozen, and raised no error.
SILENCE_SECONDS = 15.0


def renew(worker: str, run_ids: Collection[int], now: datetime) -> int:
    """Renew the leases of all runs that the worker still looks after, by one UPDATE. Return how many there were."""
    ours = Run.objects.filter(pk__in=run_ids, worker=worker, status=RunStatus.RUNNING)
    return ours.update(lease_until=now + transitions.LEASE)


class Reaper:
    """Takes back lapsed runs, but only once the database has answered for a whole lease length.

    After an outage every lease has lapsed, because nobody could renew: the workers get the first chance to do so.
    """

    def __init__(self) -> None:
        self.answering_since: float | None = None
        self.looked = float("-inf")

    def database_failed(self) -> None:
        self.answering_since = None

    def reap(self, now: datetime, monotonic: float, limit: int = 200) -> int:
        if self.answering_since is None or monotonic - self.looked > SILENCE_SECONDS:
            self.answering_since = monotonic
        self.looked = monotonic
        if timedelta(seconds=monotonic - self.answering_since) < transitions.LEASE:
            return 0
        return reap(now, limit)


def reap(now: datetime, limit: int = 200) -> int:
    lapsed = Run.objects.filter(status=RunStatus.RUNNING, lease_until__lt=now).order_by("lease_until")[:limit]
    return sum(_lose(run, now) for run in lapsed)


def _lose(run: Run, now: datetime) -> bool:
    lost = transitions.lose(run, now)
    if lost:
        with tracing(run.trace_id):
            logger.warning("Run %s is taken back from %s, whose lease has lapsed", run.pk, run.worker)
    return lost
