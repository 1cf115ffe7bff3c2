from datetime import date, timedelta

import pytest

from scheduling.schedule.calendars import (
    BUILT_IN,
    MONDAY_TO_FRIDAY,
    Calendar,
    official_days,
    unconfirmed_years,
)

WORKDAY, HOLIDAY = BUILT_IN["cn_workday"], BUILT_IN["cn_holiday"]


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


# The State Council's notices for 2025 and 2026: free from, to; weekend days worked.
NOTICES = [
    (date(2025, 1, 1), date(2025, 1, 1), []),
    (date(2025, 1, 28), date(2025, 2, 4), [date(2025, 1, 26), date(2025, 2, 8)]),
    (date(2025, 4, 4), date(2025, 4, 6), []),
    (date(2025, 5, 1), date(2025, 5, 5), [date(2025, 4, 27)]),
    (date(2025, 5, 31), date(2025, 6, 2), []),
    (date(2025, 10, 1), date(2025, 10, 8), [date(2025, 9, 28), date(2025, 10, 11)]),
    (date(2026, 1, 1), date(2026, 1, 3), [date(2026, 1, 4)]),
    (date(2026, 2, 15), date(2026, 2, 23), [date(2026, 2, 14), date(2026, 2, 28)]),
    (date(2026, 4, 4), date(2026, 4, 6), []),
    (date(2026, 5, 1), date(2026, 5, 5), [date(2026, 5, 9)]),
    (date(2026, 6, 19), date(2026, 6, 21), []),
    (date(2026, 9, 25), date(2026, 9, 27), []),
    (date(2026, 10, 1), date(2026, 10, 7), [date(2026, 9, 20), date(2026, 10, 10)]),
]


@pytest.mark.parametrize(("first", "last", "make_up"), NOTICES)
def test_the_official_notice_is_kept(first: date, last: date, make_up: list[date]) -> None:
    assert not any(WORKDAY.is_workday(day) for day in days(first, last))
    assert all(WORKDAY.is_workday(day) for day in make_up)


@pytest.mark.parametrize("year", [2025, 2026])
def test_other_days_follow_the_week(year: int) -> None:
    named = {day for first, last, make_up in NOTICES for day in [*days(first, last), *make_up]}
    others = set(days(date(year, 1, 1), date(year, 12, 31))) - named
    assert {day for day in others if WORKDAY.is_workday(day)} == {day for day in others if day.weekday() < 5}


def test_holidays_are_the_days_that_are_not_worked() -> None:
    for day in days(date(2026, 1, 1), date(2026, 12, 31)):
        assert HOLIDAY.covers(day) is not WORKDAY.covers(day)
        assert HOLIDAY.is_workday(day) is WORKDAY.is_workday(day)


def test_official_free_days_have_chinese_names() -> None:
    assert official_days(2026).free[date(2026, 10, 1)] == "国庆节"


def test_years_with_a_notice_are_confirmed() -> None:
    assert unconfirmed_years(WORKDAY, range(2001, 2027)) == []


def test_a_year_without_a_notice_is_said_to_be_unconfirmed() -> None:
    assert unconfirmed_years(WORKDAY, [2026, 2150, 2000]) == [2000, 2150]
    assert official_days(2150).make_up == frozenset()


def test_a_year_that_somebody_entered_is_confirmed() -> None:
    own = WORKDAY.based("own", "", {date(2150, 1, 2): True}, confirmed_years=[2150])
    assert unconfirmed_years(own, [2150, 2151]) == [2151]


def test_monday_to_friday_guesses_nothing() -> None:
    assert unconfirmed_years(MONDAY_TO_FRIDAY, [2150]) == []
    assert [MONDAY_TO_FRIDAY.is_workday(day) for day in days(date(2026, 10, 1), date(2026, 10, 4))] == [
        True,
        True,
        False,
        False,
    ]


def test_edited_days_come_first_and_may_be_edited_again() -> None:
    eve, shop_day = date(2026, 2, 13), date(2026, 2, 16)
    company = WORKDAY.based("company", "公司", {eve: False, shop_day: True})
    shop = company.based("shop", "门店", {eve: True})
    assert [company.is_workday(day) for day in (eve, shop_day)] == [False, True]
    assert [shop.is_workday(day) for day in (eve, shop_day)] == [True, True]
    assert not shop.is_workday(date(2026, 2, 17))


def test_a_calendar_based_on_holidays_stays_one() -> None:
    own = HOLIDAY.based("own", "", {date(2026, 3, 4): False})
    assert own.covers(date(2026, 3, 4))
    assert not own.covers(date(2026, 3, 5))


def test_days_off_shift_to_the_next_covered_day() -> None:
    friday, saturday, monday = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 9)
    assert MONDAY_TO_FRIDAY.next_covered(saturday) == monday
    assert MONDAY_TO_FRIDAY.next_covered(monday) == monday
    assert MONDAY_TO_FRIDAY.uncovered_before(monday) == [saturday, saturday + timedelta(days=1)]
    assert MONDAY_TO_FRIDAY.uncovered_before(friday) == []


def test_ten_free_years_have_no_next_day() -> None:
    ten_years = dict.fromkeys(days(date(2026, 1, 1), date(2036, 1, 31)), False)
    calendar = Calendar("sabbatical", official=False, edited=ten_years)
    assert calendar.next_covered(date(2026, 1, 1)) is None
    assert calendar.next_covered(date(2026, 2, 1)) == date(2036, 2, 1)
