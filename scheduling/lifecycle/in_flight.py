"""The runs that are running or on their way to a worker, and how many more may join them.

They are read once for each release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Q

from scheduling.kinds import QUEUE_OF
from scheduling.models import Run, RunStatus, ScheduledTask, ScheduleType, Trigger
from tenants.models import Tenant

ON_ITS_WAY = Q(status=RunStatus.RUNNING) | Q(status=RunStatus.QUEUED, published_at__isnull=False)
COLUMNS = ("pk", "execution_type", "task_id", "tenant_id", "backfill_id", "backfill__max_parallel")


class InFlight:
    """The runs in flight: `runs` are their primary keys, `busy` the tasks that have one.

    `max_of_one`: by queue, how many runs a tenant may have on it, None for no limit.
    """

    def __init__(self, max_of_one: Mapping[str, int | None]) -> None:
        self.max_of_one = max_of_one
        rows = list(Run.objects.filter(ON_ITS_WAY).order_by().values("status", *COLUMNS))
        self.runs = {row["pk"] for row in rows}
        self.busy = {row["task_id"] for row in rows}
        limits = Tenant.objects.exclude(max_running=None).values_list("code", "max_running")
        self.limits: dict[str | None, int | None] = dict(limits) | {None: None}  # global tasks have none
        self.default = settings.TENANT_MAX_RUNNING
        self.of_kind = Counter(row["execution_type"] for row in rows if row["status"] == RunStatus.QUEUED)
        self.of_tenant = Counter(row["tenant_id"] for row in rows)
        self.of_tenant_on = Counter((row["tenant_id"], QUEUE_OF[row["execution_type"]]) for row in rows)
        self.of_backfill = Counter(row["backfill_id"] for row in rows)
        self.backfills = {row["backfill_id"]: row for row in rows}

    def ahead(self, kinds: Collection[str]) -> int:
        """Return how many runs are on their way, but have no worker yet."""
        return sum(self.of_kind[kind] for kind in kinds)

    def blocked(self) -> list[int]:
        """Return the tasks with a waiting run that can't begin beside the one in flight."""
        return [pk for pk, policy in policies(self.busy & _waited_for()).items() if policy != "allow"]

    def full_tenants(self, queue: str) -> list[str]:
        return [code for code in self.of_tenant if code is not None and self._tenant_is_full(code, queue)]

    def _tenant_is_full(self, tenant: str | None, queue: str) -> bool:
        limits = (
            (self.limits.get(tenant, self.default), self.of_tenant[tenant]),
            (self.max_of_one.get(queue), self.of_tenant_on[tenant, queue]),
        )
        return any(limit is not None and count >= limit for limit, count in limits)

    def full_backfills(self) -> list[int]:
        return [pk for pk, row in self.backfills.items() if self._backfill_is_full(row)]

    def takes(self, row: dict[str, Any]) -> bool:
        """Return whether the run fits under its tenant's limits and its backfill's `max_parallel`; if so, count it."""
        tenant, queue = row["tenant_id"], QUEUE_OF[row["execution_type"]]
        if row["pk"] in self.runs or self._tenant_is_full(tenant, queue) or self._backfill_is_full(row):
            return False
        self.of_tenant[tenant] += 1
        self.of_tenant_on[tenant, queue] += 1
        self.of_backfill[row["backfill_id"]] += 1
        return True

    def _backfill_is_full(self, row: dict[str, Any]) -> bool:
        max_parallel = row["backfill__max_parallel"]
        return max_parallel is not None and self.of_backfill[row["backfill_id"]] >= max_parallel


def _waited_for() -> set[int]:
    """Return the tasks with a run that waits for the one before: most busy ones have none."""
    waiting = Run.objects.filter(status=RunStatus.QUEUED, published_at=None, waits=True).order_by()
    return set(waiting.values_list("task_id", flat=True).distinct())


# No error either: a run that has waited for a place at Dify has made no attempt, but has had its turn.
_FIRST = {"attempt": 0, "error_code": "", "trigger": Trigger.SCHEDULE}
FIRST_ATTEMPT = Q(**_FIRST)


def is_first_attempt(run: Run) -> bool:
    """Return for a row that has been read what FIRST_ATTEMPT asks the database."""
    return all(getattr(run, column) == value for column, value in _FIRST.items())


def retrying(task_ids: Collection[int] | None = None) -> set[int]:
    """Return the tasks, of all or of these, whose run waits for another attempt.

    What came due after such a run keeps its place. Tasks with the policy `allow` are left out: their runs don't wait
    for each other.
    """
    begun = Run.objects.exclude(FIRST_ATTEMPT).filter(trigger=Trigger.SCHEDULE)
    rows = begun.filter(status=RunStatus.QUEUED).order_by()
    if task_ids is not None:
        rows = rows.filter(task_id__in=task_ids)
    waiting = set(rows.values_list("task_id", flat=True).distinct())
    return {pk for pk, policy in policies(waiting).items() if policy != "allow"} if waiting else set()


def policies(task_ids: Collection[int]) -> dict[int, str]:
    """Return the overlap policies of the tasks that still exist; for one that hands out windows it is `queue`."""
    rows = ScheduledTask.objects.filter(pk__in=task_ids).order_by()
    columns = rows.values_list("pk", "overlap_policy", "use_windows", "schedule_type")
    return {
        pk: "queue" if use_windows and schedule_type == ScheduleType.INTERVAL else policy
        for pk, policy, use_windows, schedule_type in columns
    }
