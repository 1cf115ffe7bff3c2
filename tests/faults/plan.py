"""Which fault strikes when: everything follows from the seed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

# The faults of one lane come one after another, those of different lanes as they please.
LANES = (
    ("database frozen", "database away"),
    ("connections killed", "connections used up", "transaction left open", "long reads"),
    ("redis frozen", "redis emptied"),
    (
        "beat",
        "beats away",
        "io worker",
        "notify worker",
        "script worker",
        "worker child",
        "zygote",
        "web",
        "one worker again and again",
    ),
)
CONNECTIONS = LANES[1]
FAULTS = tuple(name for lane in LANES for name in lane)
DOWN_SECONDS = 2.0  # until what was killed is started again
MIN_OUTAGE = 5.0
AGAIN = 5  # the same worker, one time after the other


@dataclass(frozen=True)
class Fault:
    """Begins `at` seconds after the storm does."""

    at: float
    name: str
    seconds: float


@dataclass(frozen=True)
class Force:
    """Seconds: `freeze` of a SIGSTOP or of trouble with connections, `away` of a database or Redis and `outage` of all
    beats that are gone.
    """

    seconds: float
    times: int
    freeze: float
    away: float
    outage: float = 5
    only: Collection[str] = FAULTS

    def seconds_of(self, name: str, random: Random, *, is_first: bool) -> float:
        """The first time that something is away is the longest."""
        if max_seconds := {
            "database away": self.away,
            "redis emptied": self.away,
            "beats away": self.outage,
        }.get(name):
            return max_seconds if is_first else random.uniform(min(MIN_OUTAGE, max_seconds), max_seconds)
        if name == "one worker again and again":
            return AGAIN * DOWN_SECONDS
        return self.freeze if name.endswith("frozen") or name in CONNECTIONS else DOWN_SECONDS


def lanes(force: Force, random: Random) -> list[list[Fault]]:
    return [list(_lane(names, force, random)) for names in LANES]


def _lane(names: Collection[str], force: Force, random: Random) -> Iterator[Fault]:
    """In an order and with pauses by chance; they fill the time."""
    order = [name for name in names if name in force.only] * force.times
    random.shuffle(order)
    lengths = [
        force.seconds_of(name, random, is_first=name not in order[:index]) for index, name in enumerate(order)
    ]
    spare = max(0.0, force.seconds - sum(lengths))
    pauses = sorted(random.uniform(0, spare) for _ in order)
    before = accumulate([0.0, *lengths])
    for name, length, pause, passed in zip(order, lengths, pauses, before, strict=False):
        yield Fault(pause + passed, name, length)
