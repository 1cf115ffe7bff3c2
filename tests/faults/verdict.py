"""The ledger against the due times, then the tables against the ledger. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.faults.ledger import Entry

# What a fault may make of a run, beside success; `overlap` is the task's own policy.
EXPLAINED = {"worker_lost", "sandbox_lost", "dify_outcome_unknown"}
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


@dataclass(frozen=True)
class Demand:
    """A due time, or what somebody asked for by hand and was promised: it must have one row."""

    key: str
    kind: str
    overlap: str = "allow"
    has_robot: bool = False


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


def violations(evidence: Evidence) -> list[str]:
    demands = {demand.key: demand for demand in evidence.demands}
    rows = Counter(row.key for row in evidence.rows)
    found = [f"{key}: no row" for key in demands if not rows[key]]
    found += [f"{key}: {count} rows" for key, count in rows.items() if count > 1]
    strange = {*rows, *evidence.effects, *evidence.shown} - demands.keys() - evidence.unsure
    found += [f"{key}: nobody demanded it" for key in sorted(strange)]
    # Celery's own rule: a worker whose child dies while its pool begins gives up.
    found += [f"{role} ended by itself" for role in evidence.fallen if not role.startswith("script")]
    for row in evidence.rows:
        if demand := demands.get(row.key):
            found += [f"{row.key}: {wrong}" for wrong in _wrong(demand, row, evidence)]
    return found


def _wrong(demand: Demand, row: Row, evidence: Evidence) -> Iterator[str]:
    effects = evidence.effects.get(row.key, [])
    yield from _wrong_end(demand, row)
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


def _wrong_end(demand: Demand, row: Row) -> Iterator[str]:
    match row.status:
        case "success":
            return
        case "failed" if row.error_code in EXPLAINED:
            return
        case "skipped" if row.error_code == "overlap" and demand.overlap in ("skip", "queue"):
            return
        case "canceled" if demand.overlap == "replace":
            return
        case "queued" | "running":
            yield f"has no final row, it is {row.status}"
        case _:
            yield f"ended {row.status} {row.error_code}, which no fault explains"


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
