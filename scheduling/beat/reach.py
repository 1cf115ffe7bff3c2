"""A due time is reached when it is judged: once, whether its row was written ahead or late.

A row that the schedule has made waits unjudged, and nobody publishes it. The first look of a beat at or after its due
time judges it, together with all others of its task that have come due since: what is later than its grace is a
misfire, what comes while an earlier run is unfinished overlaps. A run that may go `waits` from then on: for a slot, its
tenant's limit, an earlier run or another attempt, however long that takes.

The task's lock is held meanwhile, so that no two beats each judge a part of one group of due times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from common.row_locks import locked
from scheduling.beat.misfire import find_missed, is_late
from scheduling.beat.overlap import how_many_go
from scheduling.lifecycle import run_alerts, transitions
from scheduling.models import UNFINISHED, OverlapPolicy, Run, RunStatus, ScheduledTask, Trigger

TASKS_AT_ONCE = 2000  # locked together, and changed by one statement


class DueTimeRules(NamedTuple):
    """The columns that a task's due times are judged by.

    Beat reads them for thousands of tasks at once, and leaves the rest of a task's hundred columns.
    """

    pk: int
    is_enabled: bool
    next_run_at: datetime | None
    misfire_policy: str
    misfire_grace_seconds: int
    overlap_policy: str

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.misfire_grace_seconds)

    def owes(self, now: datetime) -> bool:
        """Return whether the task has due times without rows. They are reached together with those that have some."""
        return self.is_enabled and self.next_run_at is not None and self.next_run_at <= now


class ReachedRun(NamedTuple):
    run_id: int
    task_id: int
    due_at: datetime


@dataclass(frozen=True)
class Fates:
    """What becomes of runs, by their ids.

    The ids of `missed` runs are grouped by their task's rules. `replaced` says, by task, the due time whose run
    replaces the earlier ones.
    """

    go: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    missed: dict[DueTimeRules, list[int]] = field(default_factory=dict)
    replaced: dict[int, datetime] = field(default_factory=dict)


def rules_of(task: ScheduledTask) -> DueTimeRules:
    return DueTimeRules(*(getattr(task, name) for name in DueTimeRules._fields))


def unreached(now: datetime) -> QuerySet[Run]:
    """Return the rows whose time has come and that nobody has judged."""
    rows = Run.objects.filter(status=RunStatus.QUEUED, published_at=None, not_before__lte=now, waits=False)
    return rows.order_by()


def reach(now: datetime) -> int:
    """Judge what has come due, and return how many due times that is. Where nothing has, this is one query."""
    ids = sorted(set(unreached(now).values_list("task_id", flat=True)))
    return sum(
        _reach_tasks(ids[first : first + TASKS_AT_ONCE], now) for first in range(0, len(ids), TASKS_AT_ONCE)
    )


def _reach_tasks(ids: Sequence[int], now: datetime) -> int:
    """Judge the due times of these tasks, and return how many there are.

    A task whose due times are not all written yet has its turn when they are.
    """
    with transaction.atomic():
        tasks = locked(ScheduledTask.objects.filter(pk__in=ids).order_by("pk"), skip=False)
        rules = [DueTimeRules(*row) for row in tasks.values_list(*DueTimeRules._fields)]
        count = _judge_all([one for one in rules if not one.owes(now)], now)
        gone = set(ids) - {one.pk for one in rules}
        return count + _let_orphans_wait(
            unreached(now).filter(task_id__in=gone) if gone else Run.objects.none()
        )


def _let_orphans_wait(rows: QuerySet[Run]) -> int:
    """Let runs of deleted tasks go: they end when a worker claims them."""
    return _let_wait(list(rows.values_list("pk", flat=True)))


def _judge_all(rules: Sequence[DueTimeRules], now: datetime) -> int:
    reached = _reached_runs([one.pk for one in rules], now)
    unfinished = _unfinished_runs(rules)
    fates = Fates()
    for one in rules:
        judge(one, reached[one.pk], now, len(unfinished[one.pk]), fates)
    carry_out(fates, now)
    return sum(map(len, reached.values()))


def judge_locked_tasks(tasks: Iterable[ScheduledTask], now: datetime) -> dict[int, int]:
    """Judge the rows of locked tasks, even where later due times have no rows yet.

    Return, by task, how many earlier runs those later ones will find in their way: 0 where the line begins with these
    rows.
    """
    rules = [rules_of(task) for task in tasks]
    reached = _reached_runs([one.pk for one in rules], now)
    unfinished = {pk: len(runs) for pk, runs in _unfinished_runs(rules).items()}
    fates = Fates()
    left = {
        one.pk: judge(one, reached[one.pk], now, unfinished.get(one.pk, 0), fates, more=one.owes(now))
        for one in rules
    }
    carry_out(fates, now)
    return left


def judge_next_rows(rules: DueTimeRules, reached_at: datetime, unfinished: int) -> int:
    """Judge the next rows of a group of due times that was reached at `reached_at`.

    `judge_locked_tasks` has judged the first. `unfinished`: how many earlier runs were found in their way. Return how
    many the rows after these will find.
    """
    reached = _reached_runs([rules.pk], reached_at)[rules.pk]
    fates = Fates()
    left = judge(rules, reached, reached_at, unfinished, fates, more=rules.owes(reached_at))
    carry_out(fates, reached_at)
    return left


def judge(
    rules: DueTimeRules,
    reached: Sequence[ReachedRun],
    now: datetime,
    unfinished: int,
    fates: Fates,
    *,
    more: bool = False,
) -> int:
    """Add to `fates` what becomes of a task's due times, which are in order.

    `more`: others of the same group are to follow. Return how many earlier runs those will find.
    """
    late_ones_follow = more and rules.next_run_at is not None and is_late(rules.next_run_at, now, rules.grace)
    dues = [one.due_at for one in reached]
    gone = find_missed(dues, now, rules.misfire_policy, rules.grace, more=late_ones_follow)
    if late := [one.run_id for one in reached if one.due_at in gone]:
        fates.missed[rules] = late
    line = [one for one in reached if one.due_at not in gone]
    going = how_many_go(rules.overlap_policy, len(line), unfinished)
    fates.go.extend(one.run_id for one in line[:going])
    fates.skipped.extend(one.run_id for one in line[going:])
    if line and unfinished and rules.overlap_policy == OverlapPolicy.REPLACE:
        fates.replaced[rules.pk] = line[0].due_at
        return 0
    return unfinished + going if unfinished else 0


def _reached_runs(ids: Collection[int], now: datetime) -> Mapping[int, list[ReachedRun]]:
    found: dict[int, list[ReachedRun]] = defaultdict(list)
    rows = unreached(now).filter(task_id__in=ids).values_list("pk", "task_id", "not_before")
    for one in sorted((ReachedRun(*row) for row in rows), key=lambda one: (one.due_at, one.run_id)):
        found[one.task_id].append(one)
    return found


def earlier_runs(ids: Collection[int]) -> QuerySet[Run]:
    """Return unfinished runs of the tasks, no matter what they wait for.

    A backfill's runs are left out: they are only in each other's way.
    """
    of_tasks = Run.objects.filter(task_id__in=ids, status__in=UNFINISHED, backfill=None)
    return of_tasks.filter(
        Q(status=RunStatus.RUNNING) | Q(waits=True) | Q(published_at__isnull=False)
    ).order_by()


def _unfinished_runs(rules: Sequence[DueTimeRules]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    ids = [one.pk for one in rules if one.overlap_policy != OverlapPolicy.ALLOW]
    for task_id, run_id in earlier_runs(ids).values_list("task_id", "pk") if ids else ():
        found[task_id].append(run_id)
    return found


def carry_out(fates: Fates, now: datetime) -> None:
    """Write what becomes of the runs, in the transaction that has judged them."""
    for run in earlier_runs(fates.replaced).filter(trigger=Trigger.SCHEDULE) if fates.replaced else ():
        assert run.due_at is not None
        if run.due_at < fates.replaced[run.task_id]:  # arrears may be older than what was reached meanwhile
            transitions.cancel(run, now, "a later run (overlap: replace)")
    _let_wait(fates.go)
    for ids in _batches(fates.skipped):
        transitions.skip(ids, "overlap", "An earlier run of the task had not ended.", now)
    _write_missed(fates.missed, now)


def _let_wait(run_ids: Sequence[int]) -> int:
    """Let queued runs wait for their turn, and return how many. They are found by primary key, as by a claim."""
    return sum(
        Run.objects.filter(pk__in=ids, status=RunStatus.QUEUED).update(waits=True)
        for ids in _batches(run_ids)
    )


def _write_missed(by_task: Mapping[DueTimeRules, list[int]], now: datetime) -> None:
    by_grace: dict[int, list[int]] = defaultdict(list)
    for rules, ids in by_task.items():
        by_grace[rules.misfire_grace_seconds] += ids
    for grace, run_ids in by_grace.items():
        for ids in _batches(run_ids):
            transitions.miss(
                ids,
                f"The due time was reached at {now:%Y-%m-%d %H:%M:%S} UTC, later than the grace of {grace} s.",
                now,
            )
    run_alerts.alert_missed({rules.pk: ids for rules, ids in by_task.items()}, now)


def _batches(ids: Sequence[Any]) -> Iterator[list[Any]]:
    return (list(ids[first : first + TASKS_AT_ONCE]) for first in range(0, len(ids), TASKS_AT_ONCE))
