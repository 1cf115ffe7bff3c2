"""Takes back the runs of dead workers, whose leases have lapsed."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from common.logs import tracing
from scheduling.lifecycle import transitions
from scheduling.lifecycle.leases import LEASE
from scheduling.models import Run, RunStatus

logger = logging.getLogger(__name__)
# More than this between two calls of `Reaper.reap`: the database or beat was frozen, and raised no error.
SILENCE_SECONDS = LEASE.total_seconds() / 2


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
        if timedelta(seconds=monotonic - self.answering_since) < LEASE:
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
