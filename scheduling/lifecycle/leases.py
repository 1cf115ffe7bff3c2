"""Leases: a worker's right to a run for as long as it is renewed. scheduling/beat/reaper.py takes runs back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from scheduling.models import Run, RunStatus

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10.0


def renew(worker: str, run_ids: Collection[int], now: datetime) -> int:
    """Renew the leases of all runs that the worker still looks after, by one UPDATE. Return how many there were."""
    ours = Run.objects.filter(pk__in=run_ids, worker=worker, status=RunStatus.RUNNING)
    return ours.update(lease_until=now + LEASE)
