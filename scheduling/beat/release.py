"""Waiting runs go to Redis: a part of beat's tick, and of its rest between two ticks.

Redis is a queue without fairness, so little is put into it: at most 4 runs per worker slot are published ahead, under
each tenant's `max_running` and share of the slots, and each backfill's `max_parallel`. The rows stay locked until they
are marked as published, so that several beats share the work. A beat killed in between has at worst published twice,
and a claim happens once.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from common import process_registry
from common.logs import tracing
from common.row_locks import locked
from scheduling.kinds import KINDS_ON
from scheduling.lifecycle import traces
from scheduling.lifecycle.fair_order import Line, waiting
from scheduling.lifecycle.in_flight import InFlight, is_first_attempt, retrying
from scheduling.lifecycle.publish import publish, shown
from scheduling.lifecycle.tenant_shares import SHARES
from scheduling.models import Run

logger = logging.getLogger(__name__)
AHEAD = 4
AT_ONCE = 500  # locked together: another beat has to pass over them


class Release:
    """What one beat publishes. `fill` and `refill` return the queues that got messages, and how many.

    They raise a kombu OperationalError or redis.RedisError when Redis is away.
    """

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def fill(self, now: datetime) -> dict[str, int]:
        """Publish from all that waits. Within a tick it is read once."""
        self.lines = {queue: line for queue, line in self.lines.items() if line.at == now}
        return self.refill(now, KINDS_ON)

    def refill(self, now: datetime, queues: Collection[str]) -> dict[str, int]:
        """Publish more of what waited a moment ago."""
        sent = {queue: self._refill(queue, now) for queue in queues}
        return {queue: count for queue, count in sent.items() if count}

    def _refill(self, queue: str, now: datetime) -> int:
        """Publish what the queue has room for, and return how many.

        The runs in flight are read again after the line: the first reading lacks those that were sent while the line
        was read.
        """
        if not self._good_line(queue, now) and not waiting(KINDS_ON[queue], now).exists():
            return 0
        going = _in_flight(queue)
        room = AHEAD * process_registry.slots(queue) - going.ahead(KINDS_ON[queue])
        sent = 0
        while room > 0:
            line = self._good_line(queue, now)
            if line is None:
                line = self.lines[queue] = Line(queue, now, going)
                going = _in_flight(queue)
            run_ids = line.take(min(room, AT_ONCE), going)
            count = _send(line, run_ids, going, now) if run_ids else 0
            sent, room = sent + count, room - count
            if not run_ids or not (line.rows or line.is_cut):
                break
            if count < len(run_ids):
                going = _in_flight_beside(queue, run_ids, now)
        return sent

    def _good_line(self, queue: str, now: datetime) -> Line | None:
        line = self.lines.get(queue)
        return line if line and line.is_good(now) else None


def _in_flight(queue: str) -> InFlight:
    return InFlight({queue: SHARES.max_of_tenant(queue)})


def _in_flight_beside(queue: str, run_ids: list[int], now: datetime) -> InFlight:
    """Return the runs in flight, where another beat or a run's end is sending some of the taken ones.

    Their tasks count as busy, whether the mark of the sending is seen or not yet: the next run must not overtake.
    """
    rows = waiting(KINDS_ON[queue], now).filter(pk__in=run_ids).order_by()
    unseen = set(rows.values_list("task_id", flat=True))  # their marks are not committed
    going = _in_flight(queue)
    going.busy |= unseen
    return going


def _send(line: Line, pks: list[int], going: InFlight, now: datetime) -> int:
    """Publish those of the runs that still wait and that no other beat has locked. Return how many."""
    with transaction.atomic():
        rows = locked(waiting(line.kinds, now).filter(pk__in=pks).order_by())
        columns = [
            "trace_id",
            "task_name",
            "execution_type",
            "not_before",
            "task_id",
            "attempt",
            "error_code",
            "trigger",
        ]
        found = {run.pk: run for run in rows.only(*columns)}
        sendable = _unless_one_tries_again([found[pk] for pk in pks if pk in found])
        sent_at = timezone.now()  # taken before a worker can begin
        names = {run.trace_id: shown(run) for run in sendable}
        publish(((run.trace_id, run.execution_type) for run in sendable), names)
        Run.objects.filter(pk__in=[run.pk for run in sendable]).update(published_at=now)
    going.busy.update(run.task_id for run in sendable)
    traces.trace_publishing(((run.trace_id, run.not_before) for run in sendable), sent_at)
    _log(sendable)
    return len(sendable)


def _unless_one_tries_again(runs: list[Run]) -> list[Run]:
    """Return the runs that need not wait for another attempt of the one before.

    That one may have failed since the line was made.
    """
    first = [run for run in runs if is_first_attempt(run)]
    behind = retrying({run.task_id for run in first}) if first else set()
    late = {run.pk for run in first if run.task_id in behind}
    return [run for run in runs if run.pk not in late]


def _log(published: list[Run]) -> None:
    if logger.isEnabledFor(logging.DEBUG):
        for run in published:
            with tracing(run.trace_id):
                logger.debug("Run %s is on its way to a worker", run.pk)
