"""Validation: a schedule that can't be read or never fires is refused, with the column at fault."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import get_args
from zoneinfo import available_timezones

from scheduling.schedule.cron import parse_cron
from scheduling.schedule.errors import (
    EndsBeforeStartError,
    MalformedValueError,
    MissingColumnError,
    NeverFiresError,
    ScheduleError,
)
from scheduling.schedule.rule import CalendarPolicy, Schedule, ScheduleType

TIME_POINT = re.compile(r"([01][0-9]|2[0-3])(:[0-5][0-9]){1,2}")
MAX_INTERVAL_MINUTES = 10 * 366 * 24 * 60
MAX_SPREAD_SECONDS = 24 * 60 * 60
MAX_TIME_POINTS = 1440  # one a minute

CHOICES: dict[str, tuple[str, ...]] = {
    "schedule_type": get_args(ScheduleType),
    "calendar_policy": get_args(CalendarPolicy),
}
COLUMN_OF_TYPE = {
    "simple": "time_points",
    "cron": "cron_expression",
    "interval": "interval_minutes",
    "once": "run_at",
}
TIMES = ("run_at", "start_at", "end_at", "anchor")


def validate(schedule: Schedule) -> None:
    """Raise the first ScheduleError found."""
    for problem in find_problems(schedule):
        raise problem


def require_readable(schedule: Schedule) -> None:
    """Raise the first ScheduleError that makes it impossible to compute due times."""
    for problem in _unreadable(schedule):
        raise problem


def find_problems(schedule: Schedule) -> Iterator[ScheduleError]:
    """Yield one error for each column at fault."""
    unreadable = list(_unreadable(schedule))
    yield from unreadable
    if not unreadable and schedule.schedule_type == "cron":
        yield from _wrong_dates(schedule.cron_expression)
    if len(schedule.time_points) > MAX_TIME_POINTS:
        yield MalformedValueError("time_points", "time_points", max_count=MAX_TIME_POINTS)
    if not 0 <= schedule.spread_seconds <= MAX_SPREAD_SECONDS:
        yield _out_of_range("spread_seconds", schedule.spread_seconds, 0, MAX_SPREAD_SECONDS)
    yield from _wrong_validity(schedule)


def _unreadable(schedule: Schedule) -> Iterator[ScheduleError]:
    wrong_choices = list(_wrong_choices(schedule))
    yield from wrong_choices
    if not wrong_choices:
        yield from _wrong_rule(schedule)
    if schedule.timezone not in _timezones():
        yield MalformedValueError("timezone", "timezone", value=schedule.timezone)


def _wrong_choices(schedule: Schedule) -> Iterator[ScheduleError]:
    for column, choices in CHOICES.items():
        value = getattr(schedule, column)
        if value not in choices:
            yield MalformedValueError(column, "choice", value=value, choices=" ".join(choices))


def _wrong_rule(schedule: Schedule) -> Iterator[ScheduleError]:
    column = COLUMN_OF_TYPE[schedule.schedule_type]
    value = getattr(schedule, column)
    if value is None or value in ("", ()):
        yield MissingColumnError(column, schedule.schedule_type)
    elif schedule.schedule_type == "simple":
        yield from _wrong_time_points(schedule.time_points)
    elif schedule.schedule_type == "cron":
        yield from _wrong_cron(schedule.cron_expression)
    elif schedule.schedule_type == "interval" and not 1 <= value <= MAX_INTERVAL_MINUTES:
        yield _out_of_range(column, value, 1, MAX_INTERVAL_MINUTES)


def _wrong_time_points(time_points: tuple[str, ...]) -> Iterator[ScheduleError]:
    for point in time_points:
        if not TIME_POINT.fullmatch(point):
            yield MalformedValueError("time_points", "time_point", value=point)
            return


def _wrong_cron(expression: str) -> Iterator[ScheduleError]:
    try:
        parse_cron(expression)
    except ScheduleError as error:
        yield error


def _wrong_dates(expression: str) -> Iterator[ScheduleError]:
    if not parse_cron(expression).ever_fires():
        yield NeverFiresError(expression)


def _wrong_validity(schedule: Schedule) -> Iterator[ScheduleError]:
    naive = [column for column in TIMES if _is_naive(getattr(schedule, column))]
    for column in naive:
        yield MalformedValueError(column, "naive")
    if naive or schedule.start_at is None or schedule.end_at is None:
        return
    if schedule.end_at < schedule.start_at:
        yield EndsBeforeStartError()


def _is_naive(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is None


def _out_of_range(column: str, value: int, least: int, most: int) -> MalformedValueError:
    return MalformedValueError(column, "range", value=value, least=least, most=most)


@cache
def _timezones() -> frozenset[str]:
    # ZoneInfo(name) would also take `right/…`, whose clocks count leap seconds.
    return frozenset(available_timezones())
