"""The due times that a schedule names: one function for beat, preview, API and tests.

rule → local times → calendar → instants (DST) → validity → spread
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import count, islice, takewhile

from scheduling.schedule.calendars import SEARCH_DAYS, Calendar
from scheduling.schedule.cron import Cron, parse_cron
from scheduling.schedule.rule import Schedule
from scheduling.schedule.validate import require_readable
from scheduling.schedule.wall_clock import ONE_DAY, day_end, landing, stretches

TICK = timedelta.resolution

# Local times of a zone, ascending; may begin with some that aren't after the instant given.
LocalTimes = Iterator[datetime]


def due_times(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """Yield the due times (aware UTC) strictly after `after`, ascending, perhaps without end. Raises ScheduleError."""
    require_readable(schedule)
    spread = schedule.spread_offset
    # datetime ends with the year 9999, and so does every schedule.
    with suppress(OverflowError):
        since = after.astimezone(UTC) - spread
        if schedule.start_at is not None:
            since = max(since, schedule.start_at.astimezone(UTC) - TICK)
        for instant in _instants(schedule, since):
            if schedule.end_at is not None and instant > schedule.end_at:
                return
            yield instant + spread


def next_due(schedule: Schedule, after: datetime) -> datetime | None:
    return next(due_times(schedule, after), None)


def between(schedule: Schedule, after: datetime, until: datetime, limit: int) -> list[datetime]:
    """List at most `limit` due times in (after, until]."""
    return list(islice(takewhile(lambda due_at: due_at <= until, due_times(schedule, after)), limit))


def _instants(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    if schedule.calendar is None:
        named = local_times(schedule, after)
    else:
        named = _on_calendar(schedule, schedule.calendar, after)
    last = after
    for local in named:
        instant = landing(local)
        # Wall times that clocks skip land on one instant; shifted ones may meet a day's own.
        if instant > last:
            yield instant
            last = instant


def local_times(schedule: Schedule, after: datetime) -> LocalTimes:
    """Return the times that the rule alone names, among them wall times that clocks skip."""
    return LOCAL_TIMES[schedule.schedule_type](schedule, after)


def _simple_times(schedule: Schedule, after: datetime) -> LocalTimes:
    zone = schedule.zone
    points = sorted({time.fromisoformat(point) for point in schedule.time_points})
    day = after.astimezone(zone).date()
    while points:
        for point in points:
            yield datetime.combine(day, point, zone)
        day += ONE_DAY


def _cron_times(schedule: Schedule, after: datetime) -> LocalTimes:
    cron = parse_cron(schedule.cron_expression)
    if cron.follows_real_time:
        yield from _cron_in_real_time(cron, schedule, after)
        return
    zone = schedule.zone
    for wall in cron.walls(after.astimezone(zone).replace(tzinfo=None)):
        yield wall.replace(tzinfo=zone)


def _cron_in_real_time(cron: Cron, schedule: Schedule, after: datetime) -> LocalTimes:
    """Search cron's times separately in each stretch of constant offset, where wall clock and real time run in step."""
    zone = schedule.zone
    for stretch in stretches(zone, after):
        since = max(after, stretch.begin - TICK) + stretch.offset
        for wall in cron.walls(since.replace(tzinfo=None)):
            instant = wall.replace(tzinfo=UTC) - stretch.offset
            if instant >= stretch.end:
                break
            yield instant.astimezone(zone)
        else:
            return


def _interval_times(schedule: Schedule, after: datetime) -> LocalTimes:
    zone, anchor, interval = schedule.zone, schedule.anchor.astimezone(UTC), schedule.interval
    steps = max(0, (after - anchor) // interval + 1)
    for n in count(steps):
        yield (anchor + n * interval).astimezone(zone)


def _once(schedule: Schedule, after: datetime) -> LocalTimes:
    if schedule.run_at is not None and schedule.run_at > after:
        yield schedule.run_at.astimezone(schedule.zone)


LOCAL_TIMES: dict[str, Callable[[Schedule, datetime], LocalTimes]] = {
    "simple": _simple_times,
    "cron": _cron_times,
    "interval": _interval_times,
    "once": _once,
}


def _on_calendar(schedule: Schedule, calendar: Calendar, after: datetime) -> LocalTimes:
    """Yield the local times on covered days; under `shift` also those of the uncovered days before, moved there.

    Ends when ten years have none.
    """
    now = after.astimezone(schedule.zone)
    shift = schedule.calendar_policy == "shift"
    day = now.date()
    if shift:
        day -= len(calendar.uncovered_before(day)) * ONE_DAY
    give_up = now.date() + SEARCH_DAYS * ONE_DAY
    while (named := next(_instants_from(schedule, day), None)) and named.date() <= give_up:
        covered = calendar.next_covered(named.date())
        if covered is None:
            return
        # Times of day before that of `now` would land before `after`, also those of days that are moved to today.
        since = now.time() if covered == now.date() else time.min
        days = [_instants_on_day(schedule, covered, since)]
        if shift:
            days += [_shifted(schedule, gone, covered, since) for gone in calendar.uncovered_before(covered)]
        for local in merge(*days, key=landing):
            yield local
            give_up = covered + SEARCH_DAYS * ONE_DAY
        day = covered + ONE_DAY


def _instants_from(schedule: Schedule, day: date, since: time = time.min) -> LocalTimes:
    """Return the local times from the wall time `since` of `day` on."""
    begin = landing(datetime.combine(day, since, schedule.zone))
    return (local for local in local_times(schedule, begin - TICK) if local.date() >= day)


def _instants_on_day(schedule: Schedule, day: date, since: time) -> LocalTimes:
    end = day_end(day, schedule.zone)
    until_end = takewhile(lambda local: landing(local) <= end, _instants_from(schedule, day, since))
    return (local for local in until_end if local.date() == day)


def _shifted(schedule: Schedule, day: date, to: date, since: time) -> LocalTimes:
    """Yield the day's local times with the date `to`."""
    for local in _instants_on_day(schedule, day, since):
        yield local.replace(year=to.year, month=to.month, day=to.day)
