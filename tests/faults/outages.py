"""Outages of up to ten minutes, for which nobody has to wait: the product makes itself what they leave behind.

While no beat is there, tasks are made by a clock that was put back, each by seconds of its own. By that clock a beat
dies after that: before it has seen the task, when it has written the rows of its first due times, or when the first of
them is under way, which then goes on. Database and Redis are away for a moment as well, and beats come back. What
becomes of each due time is compared with the rules, read one by one.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import product
from math import exp, inf, log
from random import Random

from django.db import connection

from scheduling.beat import fire, reach
from scheduling.beat.release import Release
from scheduling.models import Run, RunStatus
from scheduling.tests.promised import Case, Look, told
from testing.patience import eventually
from testing.servers.mariadb import MariaDb
from testing.servers.redis_server import RedisServer
from tests.faults.crew import Crew
from tests.faults.ledger import Entry
from tests.faults.outside import Outside
from tests.faults.rules import KINDS, MISFIRES, ZONES, Rule, key_of
from tests.faults.tasks import Tasks
from tests.faults.verdict import Struck

SHORTEST, LONGEST = 5, 600  # seconds
EVERY = (1, 2, 5, 15, 30, 60, 120, 300)
GRACES = (0, 5, 15, 60, 300)
POLICIES = tuple(product(MISFIRES, ("allow", "skip", "queue", "replace")))
OFTEN = 15  # seconds; what is due more often is a webhook's: a script takes longer
AWAY_SECONDS = 5.0
MOMENT = timedelta(seconds=0.25)

Row = tuple[int, str]
Effects = Mapping[str, Sequence[Entry]]


@dataclass(frozen=True)
class Outage:
    """Of one task. `looks`: the beat writes rows before it dies; `sends`: the first due time is under way then.

    Due times are Unix times of whole seconds.
    """

    rule: Rule
    looks: bool
    sends: bool

    @cached_property
    def dues(self) -> list[int]:
        return [int(due.timestamp()) for due in self.rule.dues()]

    @property
    def last_look(self) -> datetime:
        return datetime.fromtimestamp(self.dues[0], UTC) + MOMENT if self.sends else self.rule.begin

    def is_under_way(self, due: int) -> bool:
        return self.sends and due == self.dues[0]

    def key(self, due: int) -> str:
        return key_of(self.rule.number, datetime.fromtimestamp(due, UTC))

    def __str__(self) -> str:
        rule = self.rule
        return f"{rule.end - rule.begin} away, {rule.misfire}, {rule.overlap}, grace {rule.grace} s"


def outages(count: int, first: int, end: datetime, random: Random) -> list[Outage]:
    """Until `end`, half a second; numbered from `first` on. One for each pair of policies has a run under way."""
    return [
        _outage(first + turn, POLICIES[turn % len(POLICIES)], end, turn < len(POLICIES), random)
        for turn in range(count)
    ]


def _outage(number: int, policies: tuple[str, str], end: datetime, sends: bool, random: Random) -> Outage:
    every = random.choice(EVERY)
    seconds = max(every, round(exp(random.uniform(log(SHORTEST), log(LONGEST)))))
    kind = "webhook" if sends or every < OFTEN else random.choice(KINDS)
    rule = Rule(
        number=number,
        kind=kind,
        first=random.randrange(min(60, every)),
        every=every,
        schedule=random.choice(("cron", "simple", "interval")) if every >= 60 else "cron",
        zone="UTC" if kind == "dify" else random.choice(ZONES),
        overlap=policies[1],
        misfire=policies[0],
        grace=random.choice(GRACES),
        robot="",
        begin=end - timedelta(seconds=seconds),
        end=end,
    )
    return Outage(rule, sends or random.random() < 0.5, sends)


def fates(outage: Outage, second: int) -> dict[int, str]:
    """How each due time must end, when the first beat that is back comes to the task within that second."""
    rule = outage.rule
    case = Case(rule.misfire, rule.grace, rule.overlap, lasts=inf)
    before = [Look(outage.last_look.timestamp())] if outage.sends else []
    looks = [*before, Look(second + 0.5), Look(second + 1.5)]  # the last one sees what was told to end
    found = told(case, outage.dues, looks)
    return {due: "success" if status in ("queued", "running") else status for due, status, _ in found}


def violations(outage: Outage, rows: Sequence[Row], effects: Effects, back: Sequence[int]) -> Iterator[str]:
    """`rows` are due times and their statuses; a first beat has come to the task within one of the seconds `back`."""
    seen = dict(rows)
    possible = [fates(outage, second) for second in back]
    promised = min(possible, key=lambda fate: len(fate.items() ^ seen.items()))
    began: list[float] = []
    for due in sorted(promised.keys() | seen.keys()):
        happened = effects.get(outage.key(due), ())
        began += [entry.at for entry in happened]
        for wrong in _wrong(
            due, [status for at, status in rows if at == due], promised, len(happened), outage
        ):
            yield f"{outage.key(due)}: {wrong} ({outage})"
    if outage.rule.overlap != "allow" and began != sorted(began):
        yield f"due-{outage.rule.number}: not one after another ({outage})"


def _wrong(
    due: int, statuses: Sequence[str], promised: Mapping[int, str], happened: int, outage: Outage
) -> Iterator[str]:
    if len(statuses) != (due in promised):
        yield f"{len(statuses)} rows in place of {int(due in promised)}"
        return
    [status] = statuses
    if status != promised[due]:
        yield f"is {status}, and the rules say {promised[due]}"
    if happened != (status == "success" or outage.is_under_way(due)):
        yield f"is {status}, and happened {happened} times"


class Outages:
    """`strike` returns when all due times have been judged; `violations` is for when all their runs have ended."""

    def __init__(self, tasks: Tasks, outside: Outside, random: Random) -> None:
        self.tasks, self.outside, self.random = tasks, outside, random
        self.by_task: dict[int, Outage] = {}
        self.back = range(0)

    @property
    def demands(self) -> int:
        return sum(len(one.dues) for one in self.by_task.values())

    def strike(self, count: int, crew: Crew, database: MariaDb, redis: RedisServer) -> list[Struck]:
        since = time.time()
        crew.away("beat", lambda: self._fall_out(count, database, redis))
        time.sleep(AWAY_SECONDS)
        back_at = time.time()
        redis.start()
        database.start()
        with suppress(AssertionError):  # violations say what is missing
            eventually(self._all_judged)
        self.back = range(int(back_at), int(time.time()) + 1)
        self.outside.let_go.set()
        return [Struck(name, since, time.time()) for name in ("beats away", "database away", "redis emptied")]

    def _fall_out(self, count: int, database: MariaDb, redis: RedisServer) -> None:
        end = datetime.now(UTC).replace(microsecond=500_000) - timedelta(seconds=1)
        planned = outages(count, len(self.tasks.numbers), end, self.random)
        self.outside.slowest_seconds = 0.0
        # The latest first: no look of another task's beat comes to what is due before it.
        for one in sorted(planned, key=lambda one: one.last_look, reverse=True):
            self._make(one)
        eventually(lambda: self.outside.held <= self.outside.ledger.by_key().keys())
        connection.close()
        database.stop()
        redis.stop()

    def _make(self, outage: Outage) -> None:
        self.by_task[self.tasks.make(outage.rule, outage.rule.begin)] = outage
        if outage.looks:
            fire.fire(outage.last_look)
        if outage.sends:
            self.outside.held.add(outage.key(outage.dues[0]))
            reach.reach(outage.last_look)
            Release().fill(outage.last_look)

    def _all_judged(self) -> bool:
        """And those canceled that were under way."""
        rows = Run.objects.filter(task_id__in=self.by_task)
        unjudged = rows.filter(status=RunStatus.QUEUED, waits=False, published_at=None)
        canceled = rows.filter(status=RunStatus.RUNNING, cancel_requested_at__isnull=False)
        return rows.count() >= self.demands and not unjudged.exists() and not canceled.exists()

    def violations(self) -> list[str]:
        found: dict[int, list[Row]] = defaultdict(list)
        runs = Run.objects.filter(task_id__in=self.by_task).order_by("due_at")
        for pk, due, status in runs.values_list("task_id", "due_at", "status"):
            if due:  # nobody asks for others
                found[pk].append((int(due.timestamp()), status))
        ended = Counter(status for rows in found.values() for _, status in rows)
        print(f"outages: {', '.join(f'{status} {count}' for status, count in sorted(ended.items()))}")
        effects = self.outside.ledger.by_key()
        return [
            wrong
            for pk, one in self.by_task.items()
            for wrong in violations(one, found[pk], effects, self.back)
        ]
