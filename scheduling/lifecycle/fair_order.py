"""The order in which waiting runs go to a queue's workers.

Tenants take turns. Within a tenant runs of higher priority go first, and at the same priority backfills last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, QuerySet, When, Window
from django.db.models.functions import RowNumber

from scheduling.kinds import KINDS_ON
from scheduling.lifecycle.in_flight import COLUMNS, FIRST_ATTEMPT, InFlight, policies, retrying
from scheduling.models import Run, RunStatus

LINE_LENGTH = 5000
GOOD_FOR = timedelta(seconds=1)  # then the line is read anew, with what has come since
FIRST_IN_TASK = (
    F("priority").desc(),
    Case(When(backfill=None, then=0), default=1).asc(),
    F("not_before").asc(),
    F("pk").asc(),
)

RunRow = dict[str, Any]


def waiting(kinds: Collection[str], now: datetime) -> QuerySet[Run]:
    """Return the runs that may go as soon as there is room, without those that beat has yet to judge."""
    rows = Run.objects.filter(status=RunStatus.QUEUED, published_at=None, not_before__lte=now, waits=True)
    return rows.filter(execution_type__in=kinds)


def next_of(task_id: int, now: datetime) -> Run | None:
    """Return the first waiting run of a task that runs one at a time.

    None where there is none, or where it is on its way already.
    """
    rows = Run.objects.filter(task_id=task_id, status=RunStatus.QUEUED, not_before__lte=now, waits=True)
    if retrying([task_id]):
        rows = rows.exclude(FIRST_ATTEMPT)
    columns = ("trace_id", "task_name", "execution_type", "not_before", "tenant_id", "published_at")
    first = rows.order_by(*FIRST_IN_TASK).only(*columns).first()
    return first if first is not None and first.published_at is None else None


class Line:
    """The first LINE_LENGTH runs that waited at the time `at`.

    They are kept because reading all that waits takes long, and workers take a few at a time.
    """

    def __init__(self, queue: str, at: datetime, going: InFlight) -> None:
        rows = _read_in_turn(queue, at, going)
        self.kinds, self.at, self.is_cut = KINDS_ON[queue], at, len(rows) == LINE_LENGTH
        self.rows = deque(rows)
        self.policies = policies({row["task_id"] for row in rows})

    def is_good(self, now: datetime) -> bool:
        return bool(self.rows) and now - self.at < GOOD_FOR

    def take(self, count: int, going: InFlight) -> list[int]:
        """Remove the next runs from the line, count them as going, and return their primary keys.

        Runs that must wait keep their places.
        """
        run_ids: list[int] = []
        passed_over: list[RunRow] = []
        busy = set(going.busy)
        while self.rows and len(run_ids) < count:
            row = self.rows.popleft()
            if self._must_wait(row, busy) or not going.takes(row):
                passed_over.append(row)
            else:
                busy.add(row["task_id"])
                run_ids.append(row["pk"])
        self.rows.extendleft(reversed(passed_over))
        return run_ids

    def _must_wait(self, row: RunRow, busy: Collection[int]) -> bool:
        """Return whether the run waits for another of its task.

        A deleted task has no policy any more; its run ends when a worker claims it.
        """
        return row["task_id"] in busy and self.policies.get(row["task_id"], "allow") != "allow"


def _read_in_turn(queue: str, now: datetime, going: InFlight) -> list[RunRow]:
    """Return each tenant's first run, then each tenant's second, and so on, without those that must wait anyway."""
    turn = Window(
        RowNumber(),
        partition_by=F("tenant_id"),
        order_by=FIRST_IN_TASK,
    )
    rows = waiting(KINDS_ON[queue], now).exclude(task_id__in=going.blocked())
    if behind := retrying():
        rows = rows.exclude(FIRST_ATTEMPT, task_id__in=behind)
    full = going.full_tenants(queue)
    rows = rows.exclude(tenant_id__in=full).exclude(backfill_id__in=going.full_backfills())
    ordered = rows.annotate(turn=turn).order_by("turn", "not_before", "pk")
    return [dict(row) for row in ordered.values(*COLUMNS)[:LINE_LENGTH]]
