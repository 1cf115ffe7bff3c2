"""A year of a calendar, day by day, and where each day comes from: what people look at before they confirm it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from scheduling.schedule.calendars import ONE_DAY, Calendar, official_days

Source = Literal["edited", "official", "guess", "week"]
MAKE_UP_NAME = "调休"


@dataclass(frozen=True)
class Day:
    """`source` is where the day comes from: an edit, the official days or a guess at them, or the plain week."""

    date: date
    is_workday: bool
    name: str
    source: Source


def days_of(calendar: Calendar, year: int, own: Collection[date], names: Mapping[date, str]) -> list[Day]:
    """List the days of the year.

    `own` days are edited in the calendar itself, not in its base; `names` are those of edited days.
    """
    first = date(year, 1, 1)
    days = [first + n * ONE_DAY for n in range((date(year + 1, 1, 1) - first).days)]
    return [_day(calendar, day, day in own, names.get(day)) for day in days]


def _day(calendar: Calendar, day: date, is_own: bool, name: str | None) -> Day:
    is_workday = calendar.is_workday(day)
    if day in calendar.edited:
        return Day(day, is_workday, name or "", "edited" if is_own else "official")
    if not calendar.official:
        return Day(day, is_workday, "", "week")
    official = official_days(day.year)
    if day in official.make_up:
        return Day(day, is_workday, MAKE_UP_NAME, "official")
    if day not in official.free:
        return Day(day, is_workday, "", "week")
    known = official.confirmed or day.year in calendar.confirmed_years
    return Day(day, is_workday, official.free[day], "official" if known else "guess")
