"""Old runs are deleted with their lines and deliveries, in chunks: no long transaction holds up the workers.

A task keeps its ended runs for `keep_runs_days`, else for the setting KEEP_RUNS_DAYS, and always its newest run. A run
that waits, runs or still has a message to be sent stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, QuerySet

from notifications.models import Delivery, DeliveryStatus
from scheduling.models import UNFINISHED, Run, ScheduledTask, runs_of

CHUNK = 500
OPEN_STATUSES = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)


@dataclass(frozen=True)
class Pruned:
    runs: int = 0
    deliveries: int = 0

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(self.runs + other.runs, self.deliveries + other.deliveries)


@dataclass(frozen=True)
class PrunableRun:
    """The columns of a run that decide whether it is deleted."""

    pk: int
    task_id: int
    status: str
    created_at: datetime
    finished_at: datetime | None


def prune(now: datetime, keep_days: int, *, dry_run: bool = False) -> Iterator[Pruned]:
    """Delete old runs and deliveries, and yield what each chunk has deleted, as it is done.

    With `dry_run` nothing is deleted, and what would be is yielded.
    """
    own = dict(ScheduledTask.objects.exclude(keep_runs_days=None).values_list("pk", "keep_runs_days"))
    for task_id, days in own.items():
        assert days is not None
        for chunk in _old_runs(runs_of(task_id, Run.objects.all()).reverse(), now - timedelta(days=days)):
            yield _delete(_deletable(chunk), dry_run=dry_run)
    until = now - timedelta(days=keep_days)
    for chunk in _old_runs(Run.objects.order_by("pk"), until):
        yield _delete(_deletable([run for run in chunk if run.task_id not in own]), dry_run=dry_run)
    yield from _without_run(until, dry_run=dry_run)


def _old_runs(rows: QuerySet[Run], until: datetime) -> Iterator[list[PrunableRun]]:
    """Yield, in chunks, the runs that ended before `until`.

    It walks up the ids, in which the rows are ordered, and stops where runs are younger: no index by time is needed.
    """
    after = 0
    while True:
        columns = rows.filter(pk__gt=after).values_list(*PrunableRun.__annotations__)[:CHUNK]
        chunk = [PrunableRun(*row) for row in columns]
        yield [run for run in chunk if run.finished_at and run.finished_at < until]
        if len(chunk) < CHUNK or chunk[-1].created_at >= until:
            return
        after = chunk[-1].pk


def _deletable(chunk: list[PrunableRun]) -> list[int]:
    kept = _newest({run.task_id for run in chunk}) | _with_open_deliveries([run.pk for run in chunk])
    return [run.pk for run in chunk if run.status not in UNFINISHED and run.pk not in kept]


def _newest(task_ids: set[int]) -> set[int]:
    """Return the newest run of each task that still exists."""
    there = ScheduledTask.objects.filter(pk__in=task_ids).values_list("pk", flat=True)
    rows = Run.objects.filter(task_id__in=list(there)).order_by().values_list("task_id")
    return {newest for _, newest in rows.annotate(newest=Max("pk"))}


def _with_open_deliveries(run_ids: list[int]) -> set[int | None]:
    rows = Delivery.objects.filter(log_id__in=run_ids, status__in=OPEN_STATUSES)
    return set(rows.values_list("log_id", flat=True))


def _delete(run_ids: list[int], *, dry_run: bool) -> Pruned:
    if dry_run or not run_ids:
        return Pruned(len(run_ids), Delivery.objects.filter(log_id__in=run_ids).count())
    with transaction.atomic():
        deliveries, _ = Delivery.objects.filter(log_id__in=run_ids).delete()
        _, by_model = Run.objects.only("pk").filter(pk__in=run_ids).delete()  # its lines, too
    return Pruned(by_model.get(Run._meta.label, 0), deliveries)


def _without_run(until: datetime, *, dry_run: bool) -> Iterator[Pruned]:
    """Delete deliveries that no run has caused: tests of a channel."""
    rows = (
        Delivery.objects.filter(log_id=None, created_at__lt=until)
        .exclude(status__in=OPEN_STATUSES)
        .order_by("pk")
    )
    if dry_run:
        yield Pruned(deliveries=rows.count())
        return
    while ids := list(rows.values_list("pk", flat=True)[:CHUNK]):
        deleted, _ = Delivery.objects.filter(pk__in=ids).delete()
        yield Pruned(deliveries=deleted)
