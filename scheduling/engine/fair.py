"""Which waiting runs go to Redis next: the second half of beat's tick.

Redis is a queue without fairness, so little is put into it: at most 4 runs per worker slot are published ahead,
tenant by tenant in turn, higher priority first within a tenant and backfills last, under each tenant's `max_running`
and each backfill's `max_parallel`. The rows stay locked until they are marked as published, so that several beats
share the work. A beat killed in between has published twice at worst, and a claim happens once.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from common.logs import tracing
from scheduling.engine import presence, traces, transitions
from scheduling.engine.going import COLUMNS, ON_ITS_WAY, Going, policies
from scheduling.engine.locking import locked
from scheduling.engine.overlap import Decision, Due, decide
from scheduling.engine.publish import QUEUES, publish
from scheduling.models import Run, RunStatus, Trigger

logger = logging.getLogger(__name__)
AHEAD = 4
PLANNED_AT_ONCE = 5000  # a look at all that waits and all that goes on
SENT_AT_ONCE = 500  # under one lock: what another beat has to pass over


def release(now: datetime, limit: int = PLANNED_AT_ONCE) -> int:
    """Publishes what may run now; returns how many. Raises kombu's OperationalError when Redis is away."""
    return sum(release_each(now, limit).values())


def release_each(now: datetime, limit: int = PLANNED_AT_ONCE) -> dict[str, int]:
    """The same by queue."""
    return {queue: _release(queue, kinds, now, limit) for queue, kinds in _kinds().items()}


def _kinds() -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for kind, queue in QUEUES.items():
        kinds.setdefault(queue, []).append(kind)
    return kinds


def _release(queue: str, kinds: list[str], now: datetime, limit: int) -> int:
    if not _waiting(kinds, now).exists():
        return 0
    room = min(limit, AHEAD * presence.slots(queue) - _published(kinds))
    if room <= 0:
        return 0
    chosen = _plan(kinds, now, room)
    parts = (chosen[first : first + SENT_AT_ONCE] for first in range(0, len(chosen), SENT_AT_ONCE))
    return sum(_send(kinds, now, part) for part in parts)


def _plan(kinds: list[str], now: datetime, room: int) -> list[int]:
    """Primary keys of the runs to publish, in turn; what overlaps with them is skipped or held at once."""
    with transaction.atomic():
        going = Going()
        rows = _in_turn(kinds, now, room, going)
        tasks = {row["task_id"] for row in rows}
        policy = policies(tasks)
        # A deleted task's runs have no policy any more; such a run ends when a worker claims it.
        due = [_due(row, policy.get(row["task_id"], "allow"), going) for row in rows]
        decision = decide(due, going.busy, _held(tasks))
        _apply(decision, now)
        wanted = set(decision.publish)
        return going.join(row for row in rows if row["pk"] in wanted)


def _send(kinds: list[str], now: datetime, chosen: list[int]) -> int:
    """Those of them that no other beat has sent meanwhile, and nobody canceled."""
    with transaction.atomic():
        rows = locked(_waiting(kinds, now).filter(pk__in=chosen).order_by())
        found = {run.pk: run for run in rows.only("trace_id", "execution_type", "not_before")}
        mine = [found[pk] for pk in chosen if pk in found]
        publish((run.trace_id, run.execution_type) for run in mine)
        Run.objects.filter(pk__in=found).update(published_at=now)
    traces.published((run.trace_id, run.not_before) for run in mine)
    _log(mine)
    return len(mine)


def _log(published: list[Run]) -> None:
    if logger.isEnabledFor(logging.DEBUG):
        for run in published:
            with tracing(run.trace_id):
                logger.debug("Run %s is on its way to a worker", run.pk)


def _published(kinds: list[str]) -> int:
    return Run.objects.filter(
        status=RunStatus.QUEUED, published_at__isnull=False, execution_type__in=kinds
    ).count()


def _waiting(kinds: list[str], now: datetime) -> QuerySet[Run]:
    return Run.objects.filter(
        status=RunStatus.QUEUED, published_at=None, not_before__lte=now, execution_type__in=kinds
    )


def _in_turn(kinds: list[str], now: datetime, room: int, going: Going) -> list[dict[str, Any]]:
    """Each tenant's first, then each tenant's second, …; without those that must wait anyway."""
    turn = Window(
        RowNumber(),
        partition_by=F("tenant_id"),
        order_by=[F("priority").desc(), LAST_BACKFILLS, F("not_before").asc(), F("pk").asc()],
    )
    rows = _waiting(kinds, now).exclude(task_id__in=going.blocked, waits=True)
    rows = rows.exclude(tenant_id__in=going.full_tenants).exclude(backfill_id__in=going.full_backfills)
    ordered = rows.annotate(turn=turn).order_by("turn", "not_before", "pk")
    return [dict(row) for row in ordered.values("pk", "waits", *COLUMNS)[:room]]


LAST_BACKFILLS = Case(When(backfill=None, then=0), default=1).asc()


def _due(row: dict[str, Any], policy: str, going: Going) -> Due:
    """What the schedule names is not lost to a backfill of the same task: the first such run waits for its turn."""
    if policy == "skip" and row["task_id"] in going.only_backfilling:
        policy = "queue"
    return Due(row["pk"], row["task_id"], policy, row["waits"])


def _held(task_ids: set[int]) -> set[int]:
    waiting = Run.objects.filter(status=RunStatus.QUEUED, waits=True, backfill=None, task_id__in=task_ids)
    return set(waiting.order_by().values_list("task_id", flat=True))


def _apply(decision: Decision, now: datetime) -> None:
    transitions.skip(decision.skip, "overlap", "An earlier run of the task was still going on.", now)
    earlier = Run.objects.filter(ON_ITS_WAY | Q(status=RunStatus.QUEUED, waits=True))
    for run in earlier.filter(task_id__in=decision.cancel, trigger=Trigger.SCHEDULE).order_by():
        transitions.cancel(run, now, "a later run (overlap: replace)")
    Run.objects.filter(pk__in=decision.hold).update(waits=True)
