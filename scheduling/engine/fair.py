"""Whose turn it is: the order in which waiting runs go to a queue's workers.

Tenant by tenant in turn, higher priority first within a tenant and backfills last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, QuerySet, When, Window
from django.db.models.functions import RowNumber

from scheduling.engine.going import COLUMNS, Going, policies
from scheduling.engine.overlap import Due
from scheduling.models import Run, RunStatus

LENGTH = 5000
GOOD_FOR = timedelta(seconds=1)  # what came since waits for the next look at all that waits
LAST_BACKFILLS = Case(When(backfill=None, then=0), default=1).asc()

Row = dict[str, Any]


def waiting(kinds: Collection[str], now: datetime) -> QuerySet[Run]:
    return Run.objects.filter(
        status=RunStatus.QUEUED, published_at=None, not_before__lte=now, execution_type__in=kinds
    )


class Line:
    """The first that waited `at` that time: to look at all takes long, and workers take a few at a time."""

    def __init__(self, kinds: Collection[str], at: datetime, going: Going) -> None:
        rows = _in_turn(kinds, at, going)
        self.kinds, self.at, self.is_cut = kinds, at, len(rows) == LENGTH
        self.rows = deque(rows)
        self.policies = policies({row["task_id"] for row in rows})

    def is_good(self, now: datetime) -> bool:
        return bool(self.rows) and now - self.at < GOOD_FOR

    def take(self, most: int, going: Going) -> list[int]:
        """Primary keys of the next, who leave the line and count as going on; who must wait keeps his place."""
        taken: list[int] = []
        passed_over: list[Row] = []
        while self.rows and len(taken) < most:
            row = self.rows.popleft()
            if self._must_wait(row, going) or not going.takes(row):
                passed_over.append(row)
            else:
                taken.append(row["pk"])
        self.rows.extendleft(reversed(passed_over))
        return taken

    def _must_wait(self, row: Row, going: Going) -> bool:
        return row["waits"] and row["task_id"] in going.busy and self._policy(row["task_id"]) != "allow"

    def due(self, run: Run, going: Going) -> Due:
        """What the schedule names is not lost to a backfill of the same task: the first such run waits for its turn."""
        policy = self._policy(run.task_id)
        if policy == "skip" and run.task_id in going.only_backfilling:
            policy = "queue"
        return Due(run.pk, run.task_id, policy, run.waits)

    def _policy(self, task_id: int) -> str:
        """A deleted task's runs have none any more; such a run ends when a worker claims it."""
        return self.policies.get(task_id, "allow")


def _in_turn(kinds: Collection[str], now: datetime, going: Going) -> list[Row]:
    """Each tenant's first, then each tenant's second, …; without those that must wait anyway."""
    turn = Window(
        RowNumber(),
        partition_by=F("tenant_id"),
        order_by=[F("priority").desc(), LAST_BACKFILLS, F("not_before").asc(), F("pk").asc()],
    )
    rows = waiting(kinds, now).exclude(task_id__in=going.blocked(), waits=True)
    rows = rows.exclude(tenant_id__in=going.full_tenants()).exclude(backfill_id__in=going.full_backfills())
    ordered = rows.annotate(turn=turn).order_by("turn", "not_before", "pk")
    return [dict(row) for row in ordered.values("waits", *COLUMNS)[:LENGTH]]
