"""Calendars: which days a schedule may fire on. China's days come from the `holidays` library."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)
SATURDAY = 6  # ISO: Monday is 1
MONDAY_TO_FRIDAY_DAYS = frozenset(range(1, SATURDAY))

# Long enough for 29 February on a working day: leap years are up to 8 years apart (1896, 1904).
SEARCH_YEARS = 10
SEARCH_DAYS = SEARCH_YEARS * 366


@dataclass(frozen=True)
class OfficialDays:
    """A year of China: free days with their Chinese names, and the weekend days worked for them (调休).

    Unless `confirmed`, the State Council's notice for the year is not known, and the days are a guess: the statutory
    days alone.
    """

    free: Mapping[date, str]
    make_up: frozenset[date]
    confirmed: bool


@dataclass(frozen=True)
class Calendar:
    """`edited` holds whether single days are worked, and overrides the calendar's base.

    `official`: the base is China's official days, else `weekdays` (ISO numbers) alone.
    `on_holidays`: the calendar covers the days that are not worked.
    `confirmed_years`: years whose days somebody has entered or checked.
    """

    code: str
    name: str = ""
    official: bool = True
    on_holidays: bool = False
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY_DAYS
    edited: Mapping[date, bool] = field(default_factory=dict)
    confirmed_years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        if day in self.edited:
            return self.edited[day]
        if not self.official:
            return day.isoweekday() in self.weekdays
        days = official_days(day.year)
        return day in days.make_up or (day.isoweekday() < SATURDAY and day not in days.free)

    def covers(self, day: date) -> bool:
        """Return whether a schedule with this calendar fires on `day`."""
        return self.is_workday(day) is not self.on_holidays

    def next_covered(self, day: date) -> date | None:
        """Return the first covered day from `day` on, `day` included; None if ten years have none."""
        days = (day + n * ONE_DAY for n in range(SEARCH_DAYS))
        return next(filter(self.covers, days), None)

    def uncovered_before(self, day: date) -> list[date]:
        """Return the days in a row before `day` that are not covered, ascending: their due times shift to it."""
        first = day
        while not self.covers(first - ONE_DAY) and day - first < SEARCH_DAYS * ONE_DAY:
            first -= ONE_DAY
        return [first + n * ONE_DAY for n in range((day - first).days)]

    def based(
        self, code: str, name: str, edited: Mapping[date, bool], confirmed_years: Iterable[int] = ()
    ) -> "Calendar":
        """Make a tenant's own calendar, with this one's days except for the edited ones."""
        return replace(
            self,
            code=code,
            name=name,
            edited={**self.edited, **edited},
            confirmed_years=self.confirmed_years.union(confirmed_years),
        )


BUILT_IN = {
    "cn_workday": Calendar("cn_workday"),
    "cn_holiday": Calendar("cn_holiday", on_holidays=True),
}
MONDAY_TO_FRIDAY = Calendar("", official=False)


def unconfirmed_years(calendar: Calendar, years: Iterable[int]) -> list[int]:
    """List the years for which the calendar only guesses."""
    if not calendar.official:
        return []
    return [
        year for year in sorted(set(years) - calendar.confirmed_years) if not official_days(year).confirmed
    ]


@lru_cache(maxsize=256)
def official_days(year: int) -> OfficialDays:
    # Imported late: the library loads all its countries, 29 MB that a beat without calendars doesn't need.
    from holidays import country_holidays  # noqa: PLC0415

    china = country_holidays("CN", years=year, language="zh_CN")
    make_up = frozenset(day for day in china.weekend_workdays if day.year == year)
    # Every notice since 2001, the library's first, names make-up days: none means that there's no notice yet.
    return OfficialDays(free=dict(china), make_up=make_up, confirmed=bool(make_up))
