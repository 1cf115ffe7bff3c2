"""From wall times of a zone to instants, also where clocks are put forward or back.

A *local* time here is an aware datetime of the zone; it may be a wall time that clocks skip.
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
    """A period [begin, end) of instants during which the zone keeps one offset from UTC."""

    begin: datetime
    end: datetime
    offset: timedelta


def landing(local: datetime) -> datetime:
    """Return the instant (UTC) at which clocks show `local`; if they skip it, the first instant after the gap."""
    at = local.astimezone(UTC)
    if not _shows_another_time(at, local):
        return at
    # PEP 495: in a gap fold=1 names an instant before the change, fold=0 one at or after it.
    before, after = local.replace(fold=1).astimezone(UTC), local.replace(fold=0).astimezone(UTC)
    return _change(_zone(local), before, after)


def is_skipped(local: datetime) -> bool:
    """Return whether clocks are put forward past this wall time."""
    return _shows_another_time(local.astimezone(UTC), local)


def day_end(day: date, zone: tzinfo) -> datetime:
    """Return the instant from which clocks no longer show `day`; the second midnight where midnight is repeated."""
    midnight = datetime.combine(day + ONE_DAY, time.min, zone)
    return max(landing(midnight), midnight.replace(fold=1).astimezone(UTC))


def stretches(zone: tzinfo, after: datetime) -> Iterator[Stretch]:
    """Yield the zone's stretches that end after `after`, ascending; each new year (UTC) begins one too."""
    for year in range(after.year, MAXYEAR):
        for stretch in _stretches_of_year(zone, year):
            if stretch.end > after:
                yield stretch


@lru_cache(maxsize=4096)
def _stretches_of_year(zone: tzinfo, year: int) -> tuple[Stretch, ...]:
    # zoneinfo does not list changes of offset. No zone changed twice within a day, so one probe each day finds all.
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
    """Find the first instant of the new offset in (before, after]. Offsets change on whole seconds."""
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


def _shows_another_time(at: datetime, local: datetime) -> bool:
    # Both are in one zone, so Python compares what their clocks show.
    return at.astimezone(local.tzinfo) != local
