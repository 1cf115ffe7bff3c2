"""The ledger against the due times, then the tables against the ledger. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.faults.ledger import Entry

# What a fault may make of a run, beside success; `overlap` is the task's own policy.
EXPLAINED = {"worker_lost", "sandbox_lost", "dify_outcome_unknown"}
MENDING_SECONDS = 10.0  # after a fault, in which a task may still fail of it
# Whose death between two effects of a run makes the second one right. Dify is asked, never called again.
DEATHS = {
    "webhook": {"io worker", "one worker again and again"},
    "script": {
        "script worker",
        "worker child",
        "one worker again and again",
        "database away",
        "database frozen",
        "connections used up",
    },
    "dify": set[str](),
}


# Each may keep beats from reaching a due time in time, and until they are all well again.
HOLDS_BEATS_UP = {"beats away", "beat", "database away", "database frozen", "redis frozen", "redis emptied"}
RECOVERY_SECONDS = 60.0
TICK_SECONDS = 1.0  # beats look so often: nothing is late by less


@dataclass(frozen=True)
class Demand:
    """A due time, or what somebody asked for by hand and was promised: it must have one row.

    `task` is the rule's number; `due_at` Unix time.
    """

    key: str
    kind: str
    overlap: str = "allow"
    has_robot: bool = False
    misfire: str = "fire_all"
    grace: float = 0.0
    task: int | None = None
    due_at: float = 0.0


@dataclass(frozen=True)
class Row:
    """A run as the tables have it. `deliveries`: the status of each of its messages."""

    key: str
    status: str
    error_code: str = ""
    lost_count: int = 0
    deliveries: Sequence[str] = ()


@dataclass(frozen=True)
class Struck:
    """A fault that was carried out, in Unix time."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Raised:
    """A Celery task of any kind that ended with an exception, in Unix time."""

    task: str
    at: float


@dataclass(frozen=True)
class Evidence:
    """`shown`: how often each message stood in its group. `unsure`: asked for by hand, and nothing was promised.

    `fallen`: how often a process has ended though nobody had killed it.
    """

    demands: Sequence[Demand]
    effects: Mapping[str, Sequence[Entry]]
    shown: Mapping[str, int]
    rows: Sequence[Row]
    struck: Sequence[Struck] = ()
    unsure: frozenset[str] = field(default_factory=frozenset)
    fallen: Mapping[str, int] = field(default_factory=dict)
    raised: Sequence[Raised] = ()


def violations(evidence: Evidence) -> list[str]:
    demands = {demand.key: demand for demand in evidence.demands}
    rows = Counter(row.key for row in evidence.rows)
    too_late = _too_late(evidence)
    found = [f"{key}: no row" for key in demands if not rows[key]]
    found += [f"{key}: {count} rows" for key, count in rows.items() if count > 1]
    strange = {*rows, *evidence.effects, *evidence.shown} - demands.keys() - evidence.unsure
    found += [f"{key}: nobody demanded it" for key in sorted(strange)]
    # Celery's own rule: a worker whose child dies while its pool begins gives up.
    found += [f"{role} ended by itself" for role in evidence.fallen if not role.startswith("script")]
    found += _raised(evidence)
    for row in evidence.rows:
        if demand := demands.get(row.key):
            found += [f"{row.key}: {wrong}" for wrong in _wrong(demand, row, evidence)]
            if row.key in too_late and row.status not in ("missed", "skipped"):
                found.append(f"{row.key}: is {row.status}, and no beat was there within its grace")
    return found


def _too_late(evidence: Evidence) -> set[str]:
    """Keys of due times that fell into an outage of all beats, and must not run by the task's policy."""
    found: set[str] = set()
    for struck in evidence.struck:
        late: dict[int | None, list[Demand]] = defaultdict(list)
        for one in evidence.demands if struck.name == "beats away" else ():
            if struck.begin + TICK_SECONDS < one.due_at < struck.end - one.grace - TICK_SECONDS:
                late[one.task].append(one)
        for of_task in late.values():
            of_task.sort(key=lambda one: one.due_at)
            policy = of_task[0].misfire
            gone = {"skip": of_task, "fire_once": of_task[:-1]}.get(policy, [])
            found |= {one.key for one in gone}
    return found


def _raised(evidence: Evidence) -> list[str]:
    """Whatever was away is back: every process must have got over it by itself soon after."""
    unexplained = Counter(
        one.task
        for one in evidence.raised
        if not any(f.begin <= one.at <= f.end + MENDING_SECONDS for f in evidence.struck)
    )
    return [f"{task} raised {count} times, and no fault went on" for task, count in unexplained.items()]


def _wrong(demand: Demand, row: Row, evidence: Evidence) -> Iterator[str]:
    effects = evidence.effects.get(row.key, [])
    yield from _wrong_end(demand, row, evidence.struck)
    if row.status == "success" and not effects:
        yield "called a success, and nothing has happened"
    if row.status in ("skipped", "missed") and effects:
        yield f"called {row.status}, and it has happened"
    if len(effects) > 1 + row.lost_count:
        yield f"happened {len(effects)} times, {row.lost_count} workers lost"
    for first, second in pairwise(effects):
        if not _explained(demand.kind, first.at, second.at, evidence.struck):
            yield f"happened again {second.at - first.at:.1f} s later, and nothing has died meanwhile"
    yield from _wrong_messages(demand, row, evidence.shown.get(row.key, 0))


def _wrong_end(demand: Demand, row: Row, struck: Iterable[Struck]) -> Iterator[str]:
    match row.status:
        case "success":
            return
        case "failed" if row.error_code in EXPLAINED:
            return
        case "skipped" if row.error_code == "overlap" and demand.overlap in ("skip", "queue"):
            return
        case "missed" if demand.misfire != "fire_all" and _held_up(demand, struck):
            return
        case "canceled" if demand.overlap == "replace":
            return
        case "queued" | "running":
            yield f"has no final row, it is {row.status}"
        case _:
            yield f"ended {row.status} {row.error_code}, which no fault explains"


def _held_up(demand: Demand, struck: Iterable[Struck]) -> bool:
    return any(
        one.name in HOLDS_BEATS_UP
        and one.begin <= demand.due_at + demand.grace
        and demand.due_at <= one.end + RECOVERY_SECONDS
        for one in struck
    )


def _explained(kind: str, since: float, until: float, struck: Iterable[Struck]) -> bool:
    return any(one.name in DEATHS[kind] and one.begin <= until and one.end >= since for one in struck)


def _wrong_messages(demand: Demand, row: Row, shown: int) -> Iterator[str]:
    """A message for each success of a task with a robot: it stands there once, or nobody knows whether it does."""
    wanted = demand.has_robot and row.status == "success"
    if len(row.deliveries) != wanted:
        yield f"{len(row.deliveries)} deliveries in place of {int(wanted)}"
    for status in row.deliveries:
        if status not in ("sent", "unknown"):
            yield f"its message is {status}"
        elif status == "sent" and shown == 0:
            yield "its message is called sent, and nobody has seen it"
    if shown > 1:
        yield f"its message was shown {shown} times"
    if shown and not row.deliveries:
        yield "a message without a delivery"
