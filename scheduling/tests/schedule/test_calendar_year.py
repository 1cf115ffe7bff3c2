from datetime import date

import pytest

from scheduling.schedule.calendar_year import Day, days_of
from scheduling.schedule.calendars import BUILT_IN, Calendar

WORKDAY = BUILT_IN["cn_workday"]
OUTING, SHOP_DAY = date(2026, 3, 4), date(2026, 10, 1)


def day_of(calendar: Calendar, day: date, own: frozenset[date] = frozenset(), name: str = "") -> Day:
    year = days_of(calendar, day.year, own, {day: name} if name else {})
    return next(each for each in year if each.date == day)


@pytest.mark.parametrize(("year", "count"), [(2026, 365), (2028, 366)])
def test_a_year_has_all_its_days_in_order(year: int, count: int) -> None:
    days = [day.date for day in days_of(WORKDAY, year, (), {})]
    assert (len(days), days[0], days[-1]) == (count, date(year, 1, 1), date(year, 12, 31))
    assert days == sorted(days)


@pytest.mark.parametrize(
    ("day", "is_workday", "source"),
    [
        (date(2026, 10, 1), False, "official"),
        (date(2026, 10, 10), True, "official"),
        (date(2026, 10, 12), True, "week"),
        (date(2026, 10, 17), False, "week"),
        (date(2027, 10, 1), False, "guess"),
    ],
)
def test_a_day_says_where_it_comes_from(day: date, is_workday: bool, source: str) -> None:
    found = day_of(WORKDAY, day)
    assert (found.is_workday, found.source) == (is_workday, source)


def test_official_days_have_their_names() -> None:
    assert day_of(WORKDAY, date(2026, 10, 1)).name == "国庆节"
    assert day_of(WORKDAY, date(2026, 10, 10)).name == "调休"


def test_a_year_that_somebody_confirmed_is_no_guess() -> None:
    confirmed = WORKDAY.based("own", "", {}, confirmed_years=[2027])
    assert day_of(confirmed, date(2027, 10, 1)).source == "official"


def test_an_edit_is_the_calendars_own_or_of_what_it_is_based_on() -> None:
    corrected = WORKDAY.based("cn_workday", "", {OUTING: False})
    shop = corrected.based("shop", "", {SHOP_DAY: True})
    own = frozenset({SHOP_DAY})
    assert day_of(shop, SHOP_DAY, own, "open") == Day(SHOP_DAY, True, "open", "edited")
    assert day_of(shop, OUTING, own) == Day(OUTING, False, "", "official")


def test_a_calendar_of_the_week_guesses_nothing() -> None:
    six_days = Calendar("six", official=False, weekdays=frozenset(range(1, 7)))
    assert {day.source for day in days_of(six_days, 2027, (), {})} == {"week"}
    assert day_of(six_days, date(2026, 10, 17)).is_workday
    assert not day_of(six_days, date(2026, 10, 18)).is_workday
