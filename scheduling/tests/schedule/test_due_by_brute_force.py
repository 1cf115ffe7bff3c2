"""What is due is what a literal walk over the clock finds: minute by minute, and second by second."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.schedule.calendars import Calendar
from scheduling.schedule.cron import parse_cron
from scheduling.schedule.due import between, due_times, next_due
from scheduling.schedule.errors import NeverFiresError
from scheduling.schedule.rule import Schedule
from scheduling.tests.schedule.brute_force import (
    Rule,
    Span,
    due_in,
    due_on_grid,
    due_on_workdays,
    due_shifted,
)
from scheduling.tests.schedule.strategies import (
    CLOCK_CHANGES,
    ClockChange,
    CronCase,
    crons,
    time_points,
    work_days,
)

MINUTE, SECOND, DAY = timedelta(minutes=1), timedelta(seconds=1), timedelta(days=1)

changes = st.sampled_from(CLOCK_CHANGES)


def minutes_around(change: ClockChange, *, before: timedelta = 2 * DAY) -> Span:
    return Span(change.at - before, change.at + 2 * DAY, MINUTE, ZoneInfo(change.zone))


def seconds_around(change: ClockChange) -> Span:
    reach = timedelta(hours=2.5)
    return Span(change.at - reach, change.at + reach, SECOND, ZoneInfo(change.zone))


def found(schedule: Schedule, span: Span) -> list[datetime]:
    return between(schedule, span.begin - SECOND, span.end - SECOND, limit=100_000)


def named(points: tuple[str, ...]) -> Rule:
    times = {f"{point}:00"[:8] for point in points}
    return Rule(lambda wall: f"{wall:%H:%M:%S}" in times, real_time=False)


def is_possible(case: CronCase) -> bool:
    try:
        parse_cron(case.expression)
    except NeverFiresError:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(crons(with_seconds=False).filter(is_possible), changes)
def test_cron_of_five_fields(case: CronCase, change: ClockChange) -> None:
    span = minutes_around(change)
    schedule = Schedule("cron", cron_expression=case.expression, timezone=change.zone)
    assert found(schedule, span) == due_in(span, case.rule)


@settings(max_examples=50, deadline=None)
@given(crons(with_seconds=True, every_day=True), changes)
def test_cron_of_six_fields(case: CronCase, change: ClockChange) -> None:
    span = seconds_around(change)
    schedule = Schedule("cron", cron_expression=case.expression, timezone=change.zone)
    assert found(schedule, span) == due_in(span, case.rule)


@settings(max_examples=50, deadline=None)
@given(time_points(with_seconds=False), changes)
def test_time_points(points: tuple[str, ...], change: ClockChange) -> None:
    span = minutes_around(change)
    schedule = Schedule("simple", time_points=points, timezone=change.zone)
    assert found(schedule, span) == due_in(span, named(points))


@settings(max_examples=30, deadline=None)
@given(time_points(with_seconds=True), changes)
def test_time_points_with_seconds(points: tuple[str, ...], change: ClockChange) -> None:
    span = seconds_around(change)
    schedule = Schedule("simple", time_points=points, timezone=change.zone)
    assert found(schedule, span) == due_in(span, named(points))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 2000), st.integers(-3000, 3000), changes)
def test_interval(minutes: int, anchor_minutes: int, change: ClockChange) -> None:
    span = minutes_around(change)
    anchor = change.at + anchor_minutes * MINUTE
    schedule = Schedule("interval", interval_minutes=minutes, anchor=anchor, timezone=change.zone)
    assert found(schedule, span) == due_on_grid(span, anchor, minutes * MINUTE)


@settings(max_examples=40, deadline=None)
@given(crons(with_seconds=False).filter(is_possible), changes, st.data())
def test_cron_with_a_calendar(case: CronCase, change: ClockChange, data: st.DataObject) -> None:
    span = minutes_around(change, before=5 * DAY)
    works = data.draw(work_days(span.first_day - DAY))
    schedule = Schedule("cron", cron_expression=case.expression, timezone=change.zone)
    assert_keeps_to_calendar(schedule, case.rule, span, works)


@settings(max_examples=25, deadline=None)
@given(time_points(with_seconds=False), changes, st.data())
def test_time_points_with_a_calendar(
    points: tuple[str, ...], change: ClockChange, data: st.DataObject
) -> None:
    span = minutes_around(change, before=5 * DAY)
    works = data.draw(work_days(span.first_day - DAY))
    schedule = Schedule("simple", time_points=points, timezone=change.zone)
    assert_keeps_to_calendar(schedule, named(points), span, works)


def assert_keeps_to_calendar(schedule: Schedule, rule: Rule, span: Span, works: dict[date, bool]) -> None:
    on_calendar = replace(schedule, calendar=Calendar("own", official=False, edited=works))
    skipping = replace(on_calendar, calendar_policy="skip")
    assert found(skipping, span) == due_on_workdays(span, rule, works.__getitem__)
    shifting = replace(on_calendar, calendar_policy="shift")
    assert found(shifting, span) == due_shifted(span, rule, works.__getitem__)


@settings(max_examples=100, deadline=None)
@given(crons(with_seconds=True).filter(is_possible), changes, st.integers(-200_000, 200_000))
def test_any_start_finds_the_same_due_times(case: CronCase, change: ClockChange, seconds: int) -> None:
    """Beat asks from due time to due time, the preview from now: both must see one list."""
    schedule = Schedule("cron", cron_expression=case.expression, timezone=change.zone)
    listed = list(islice(due_times(schedule, change.at + seconds * SECOND), 20))
    for earlier, later in pairwise(listed):
        assert next_due(schedule, earlier) == later
        assert next_due(schedule, later - timedelta.resolution) == later
