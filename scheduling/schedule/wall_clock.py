"""From wall times of a zone to instants, where clocks are put forward or back.

A *local* time here is an aware datetime of the zone that may name a wall time which clocks skip.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise

ONE_SECOND = timedelta(seconds=1)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """[begin, end): instants during which the zone keeps one offset from UTC."""

    begin: datetime
    end: datetime
    offset: timedelta


def landing(local: datetime) -> datetime:
    """The instant (UTC) at which clocks show `local`; if they skip it, the first instant after the gap."""
    at = local.astimezone(UTC)
    if not _differs(at, local):
        return at
    # PEP 495: in a gap fold=1 names an instant before the change, fold=0 one at or after it.
    before, after = local.replace(fold=1).astimezone(UTC), local.replace(fold=0).astimezone(UTC)
    return _change(_zone(local), before, after)


def is_skipped(local: datetime) -> bool:
    """Whether clocks are put forward past this wall time."""
    return _differs(local.astimezone(UTC), local)


def day_end(day: date, zone: tzinfo) -> datetime:
    """The instant from which clocks no longer show `day`; the second midnight where it is repeated."""
    midnight = datetime.combine(day + ONE_DAY, time.min, zone)
    return max(landing(midnight), midnight.replace(fold=1).astimezone(UTC))


def stretches(zone: tzinfo, after: datetime) -> Iterator[Stretch]:
    """The zone's stretches that end after `after`, ascending; new years (UTC) cut them too."""
    for year in range(after.year, MAXYEAR):
        for stretch in _stretches_of_year(zone, year):
            if stretch.end > after:
                yield stretch


@lru_cache(maxsize=4096)
def _stretches_of_year(zone: tzinfo, year: int) -> tuple[Stretch, ...]:
    # zoneinfo lists no changes of offset. No zone changed twice within a day, so one probe a day meets all.
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    days = [begin + n * ONE_DAY for n in range((end - begin).days + 1)]
    changes = [
        _change(zone, day, next_day)
        for day, next_day in pairwise(days)
        if _offset(zone, day) != _offset(zone, next_day)
    ]
    cuts = [begin, *changes, end]
    return tuple(Stretch(since, until, _offset(zone, since)) for since, until in pairwise(cuts))


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The first instant of the new offset in (before, after]; offsets change on whole seconds."""
    before, after = before.replace(microsecond=0), after.replace(microsecond=0)
    old = _offset(zone, before)
    while after - before > ONE_SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _zone(local: datetime) -> tzinfo:
    assert local.tzinfo is not None
    return local.tzinfo


def _differs(at: datetime, local: datetime) -> bool:
    # Both stand in one zone, so Python compares what their clocks show.
    return at.astimezone(local.tzinfo) != local
