"""The rules of schedules, read literally: walk over the clock and ask of each instant whether it's due.

Written from the product's rules, not from the code under test: no cronsim, no search for changes of offset.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """`matches` says of a wall time (naive) whether the rule names it.

    `real_time`: due whenever the clock shows a match. Else each match is due once: the first time it's
    shown, or at the first instant after the gap in which it is skipped.
    """

    matches: Callable[[datetime], bool]
    real_time: bool


@dataclass(frozen=True)
class Span:
    """The instants `begin`, `begin` + `step`, … before `end`, and the clocks of `zone` at each."""

    begin: datetime
    end: datetime
    step: timedelta
    zone: ZoneInfo

    @property
    def first_day(self) -> date:
        return self.begin.astimezone(self.zone).date()

    def clock(self) -> tuple[tuple[datetime, datetime], ...]:
        """Each instant with its wall time (naive)."""
        return _clock(self)


@lru_cache
def _clock(span: Span) -> tuple[tuple[datetime, datetime], ...]:
    count = (span.end - span.begin) // span.step
    instants = [span.begin + n * span.step for n in range(count)]
    return tuple((at, at.astimezone(span.zone).replace(tzinfo=None)) for at in instants)


def due_in(span: Span, rule: Rule) -> list[datetime]:
    if rule.real_time:
        return [at for at, wall in span.clock() if rule.matches(wall)]
    return due_once_each(span, rule.matches)


def due_once_each(span: Span, matches: Callable[[datetime], bool]) -> list[datetime]:
    shown: set[datetime] = set()
    found = []
    expected = None
    for at, wall in span.clock():
        skipped: list[datetime] = []
        if expected is not None:
            missing = (wall - expected) // span.step
            skipped = [expected + n * span.step for n in range(missing)]
        named = [each for each in [*skipped, wall] if each not in shown and matches(each)]
        if named:
            found.append(at)
        shown.add(wall)
        expected = wall + span.step
    return found


def due_on_workdays(span: Span, rule: Rule, works: Callable[[date], bool]) -> list[datetime]:
    """Policy `skip`: what the rule names on other days isn't due."""
    return due_in(span, Rule(lambda wall: works(wall.date()) and rule.matches(wall), rule.real_time))


def due_shifted(span: Span, rule: Rule, works: Callable[[date], bool]) -> list[datetime]:
    """Policy `shift`: other days' matches are due on the next working day at the same wall time."""
    named_on_free_days = _named_on_free_days(span, rule, works)

    def shifted_here(wall: datetime) -> bool:
        if not works(wall.date()):
            return False
        day = wall.date() - ONE_DAY
        while not works(day):
            if datetime.combine(day, wall.time()) in named_on_free_days:
                return True
            day -= ONE_DAY
        return False

    return sorted({*due_on_workdays(span, rule, works), *due_once_each(span, shifted_here)})


def _named_on_free_days(span: Span, rule: Rule, works: Callable[[date], bool]) -> set[datetime]:
    if rule.real_time:
        return {wall for _, wall in span.clock() if not works(wall.date()) and rule.matches(wall)}
    named = set()
    wall = span.begin.astimezone(span.zone).replace(tzinfo=None)
    last = span.end.astimezone(span.zone).replace(tzinfo=None)
    while wall < last:
        if not works(wall.date()) and rule.matches(wall):
            named.add(wall)
        wall += span.step
    return named


def due_on_grid(span: Span, anchor: datetime, interval: timedelta) -> list[datetime]:
    return [at for at, _ in span.clock() if at >= anchor and (at - anchor) % interval == timedelta()]


def instant(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
