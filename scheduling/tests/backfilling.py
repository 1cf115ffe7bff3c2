"""Backfills for tests, and how far they are."""

from __future__ import annotations

from scheduling.acts import backfills
from scheduling.execution import Outcome
from scheduling.lifecycle.transitions import finish
from scheduling.models import Backfill, Run, ScheduledTask
from scheduling.tests.make import HOUR, MINUTE, NOW, claimed, release
from tenants.access import SYSTEM

FROM = NOW - HOUR


def started(task: ScheduledTask, count: int = 5, max_parallel: int = 1) -> Backfill:
    return backfills.start(task, FROM, FROM + count * MINUTE, max_parallel, SYSTEM, NOW)


def released() -> list[Run]:
    """What beat has put on its way, in order."""
    release(NOW)
    return list(Run.objects.filter(status="queued", published_at__isnull=False).order_by("pk"))


def carry_out(run: Run, outcome: Outcome) -> None:
    assert finish(claimed(run), outcome, NOW)


def progress(of: Backfill) -> tuple[str, int, int]:
    of.refresh_from_db()
    return of.status, of.done, of.failed
