"""The tasks of a storm, and by brute force when each is due: nothing here knows how the product reckons.

A key names one due time of one task in everything that leaves the platform: `due-NUMBER-20261121T213005Z`. What
somebody asks for by hand has the key `asked-N`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

KINDS = ("script", "webhook", "dify")
OVERLAPS = ("allow",) * 7 + ("skip", "queue", "replace")
MISFIRES = ("fire_all", "fire_once", "skip")
GRACES = (5, 15, 60, 300)  # seconds; a busy machine alone makes nothing so late
ZONES = ("UTC", "Asia/Shanghai", "America/Bogota", "Asia/Kolkata")  # whose clocks are never put back
# Seconds; most are due every ten: two cores have to run all of it.
EVERY = (1, 2, 3, 4, 5, 6, 20, 45, 60, 300, *(10,) * 10)
SECOND = timedelta(seconds=1)
STAMP = "%Y%m%dT%H%M%SZ"
KEY = re.compile(r"due-\d+-\d{8}T\d{6}Z|asked-\d+")


@dataclass(frozen=True)
class Rule:
    """Due from the `first` second of every minute on, each `every` seconds, from `begin` to `end`.

    One that is due every minute, or more rarely, is so in minutes that `every` divides.

    `robot`: where its messages go, "" nowhere.
    """

    number: int
    kind: str
    first: int
    every: int
    schedule: str
    zone: str
    overlap: str
    misfire: str
    grace: int
    robot: str
    begin: datetime
    end: datetime

    def dues(self) -> Iterator[datetime]:
        at = self.begin.replace(microsecond=0)
        while at <= self.end:
            if at >= self.begin and at.minute % self.minutes == 0 and at.second in self.seconds:
                yield at
            at += SECOND

    @property
    def minutes(self) -> int:
        return max(1, self.every // 60)

    @property
    def seconds(self) -> range:
        return range(self.first, 60, self.every)

    @property
    def cron(self) -> str:
        return f"{self.first}-59/{min(60, self.every)} */{self.minutes} * * * *"

    @property
    def time_points(self) -> list[str]:
        """The same due times as times of the day in the task's zone."""
        return [f"{due.astimezone(ZoneInfo(self.zone)):%H:%M:%S}" for due in self.dues()]

    @property
    def columns(self) -> dict[str, Any]:
        """Of a task, which say when it is due."""
        match self.schedule:
            case "cron":
                told = {"start_at": self.begin, "cron_expression": self.cron}
            case "simple":
                told = {"start_at": self.begin, "time_points": self.time_points}
            case _:  # its grid begins where it does
                told = {"start_at": next(self.dues()), "interval_minutes": self.minutes}
        return told | {"schedule_type": self.schedule}


def rules(count: int, begin: datetime, end: datetime, random: Random) -> list[Rule]:
    return [_rule(number, begin, end, random) for number in range(count)]


def _rule(number: int, begin: datetime, end: datetime, random: Random) -> Rule:
    every = EVERY[number % len(EVERY)]
    # A robot takes twenty messages a minute and then says nothing for ten.
    robot = ("dingtalk", "wecom")[number % 2] if every == EVERY[-1] and number % 5 == 0 else ""
    kind = KINDS[number % len(KINDS)]
    return Rule(
        number=number,
        kind=kind,
        first=random.randrange(min(60, every)),
        every=every,
        schedule="simple" if every == EVERY[-1] and number % 4 == 0 else "cron",
        zone="UTC" if kind == "dify" else random.choice(ZONES),  # it is told times in the task's own zone
        overlap="allow" if robot else random.choice(OVERLAPS),
        misfire=MISFIRES[number // len(EVERY) % len(MISFIRES)] if number % 2 else random.choice(MISFIRES),
        grace=random.choice(GRACES),
        robot=robot,
        begin=begin,
        end=end,
    )


def key_of(number: int, due: datetime) -> str:
    return f"due-{number}-{due.astimezone(UTC):{STAMP}}"
