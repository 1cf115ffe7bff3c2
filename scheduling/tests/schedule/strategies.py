"""Random schedules, each with its meaning spelled out a second time, for the brute-force reading."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from scheduling.tests.schedule.brute_force import Rule, instant

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


@dataclass(frozen=True)
class ClockChange:
    """A zone, and an instant at which its offset changes."""

    zone: str
    at: datetime


CLOCK_CHANGES = [
    ClockChange("Asia/Shanghai", instant(1986, 5, 3, 18)),
    ClockChange("Asia/Shanghai", instant(1986, 9, 13, 17)),
    ClockChange("Asia/Shanghai", instant(1991, 4, 13, 18)),
    ClockChange("Asia/Shanghai", instant(1991, 9, 14, 17)),
    ClockChange("America/New_York", instant(2025, 3, 9, 7)),
    ClockChange("America/New_York", instant(2025, 11, 2, 6)),
    ClockChange("Europe/London", instant(2025, 3, 30, 1)),
    ClockChange("Europe/London", instant(2025, 10, 26, 1)),
    ClockChange("Australia/Lord_Howe", instant(2025, 4, 5, 15)),  # by half an hour
    ClockChange("Australia/Lord_Howe", instant(2025, 10, 4, 15, 30)),
    ClockChange("America/Sao_Paulo", instant(2018, 11, 4, 3)),  # from 00:00 to 01:00
    ClockChange("America/Sao_Paulo", instant(2018, 2, 18, 2)),  # from 00:00 to 23:00 the day before
    ClockChange("America/St_Johns", instant(2010, 11, 7, 2, 31)),  # from 00:01 to 23:01 the day before
    ClockChange("Antarctica/Troll", instant(2025, 3, 30, 1)),  # by two hours
    ClockChange("Pacific/Apia", instant(2011, 12, 30, 10)),  # past the whole of 30 December
]


@dataclass(frozen=True)
class CronCase:
    expression: str
    rule: Rule


Matcher = Callable[[int], bool]
DayMatcher = Callable[[date], bool]
EVERY_DAY: tuple[str, DayMatcher] = ("*", lambda day: True)


@st.composite
def number_terms(draw: st.DrawFn, low: int, high: int) -> tuple[str, Matcher]:
    first = draw(st.integers(low, high))
    last = draw(st.integers(first, high))
    step = draw(st.integers(1, high))
    term: tuple[str, Matcher] = draw(
        st.sampled_from(
            [
                ("*", lambda n: True),
                (f"*/{step}", lambda n: (n - low) % step == 0),
                (f"{first}", lambda n: n == first),
                (f"{first}-{last}", lambda n: first <= n <= last),
                (f"{first}-{last}/{step}", _stepped(first, last, step)),
                (f"{first}/{step}", lambda n: n >= first and (n - first) % step == 0),
            ]
        )
    )
    return term


def _stepped(first: int, last: int, step: int) -> Matcher:
    if first == last:  # to cronsim that is a single value, whose steps run to the field's end
        return lambda n: n >= first and (n - first) % step == 0
    return lambda n: first <= n <= last and (n - first) % step == 0


@st.composite
def number_fields(draw: st.DrawFn, low: int, high: int) -> tuple[str, Matcher]:
    terms = draw(st.lists(number_terms(low, high), min_size=1, max_size=2))
    return ",".join(text for text, _ in terms), lambda n: any(match(n) for _, match in terms)


@st.composite
def months(draw: st.DrawFn) -> tuple[str, DayMatcher]:
    if draw(st.integers(0, 3)):
        return EVERY_DAY
    number = draw(st.integers(1, 12))
    text = draw(st.sampled_from([str(number), MONTHS[number - 1], MONTHS[number - 1].lower()]))
    return text, lambda day: day.month == number


@st.composite
def days_of_month(draw: st.DrawFn) -> tuple[str, DayMatcher]:
    text, match = draw(
        st.one_of(
            st.just(("*", lambda n: True)),
            st.just(("*", lambda n: True)),
            number_fields(1, 31),
        )
    )
    last = draw(st.sampled_from(["", "", "", "", "L", "LW"]))
    if last == "L":
        return "L", lambda day: day.day == monthrange(day.year, day.month)[1]
    if last == "LW":
        return "LW", _is_last_monday_to_friday
    return text, lambda day: match(day.day)


def _is_last_monday_to_friday(day: date) -> bool:
    rest = [day + timedelta(days=n) for n in range(1, 8)]
    return day.weekday() < 5 and not any(each.month == day.month and each.weekday() < 5 for each in rest)


@st.composite
def days_of_week(draw: st.DrawFn) -> tuple[str, DayMatcher]:
    number = draw(st.integers(0, 7))
    nth = draw(st.integers(1, 5))
    last = draw(st.integers(number, 7))
    field: tuple[str, DayMatcher] = draw(
        st.sampled_from(
            [
                EVERY_DAY,
                EVERY_DAY,
                (f"*/{nth}", lambda day: any(n % nth == 0 for n in range(8) if n % 7 == _weekday(day))),
                (str(number), lambda day: _weekday(day) == number % 7),
                (DAYS[number % 7], lambda day: _weekday(day) == number % 7),
                (
                    f"{number}-{last}",
                    lambda day: any(_weekday(day) == n % 7 for n in range(number, last + 1)),
                ),
                (f"{number}#{nth}", lambda day: _weekday(day) == number % 7 and (day.day + 6) // 7 == nth),
                (f"{number}L", lambda day: _weekday(day) == number % 7 and _is_last_of_its_kind(day)),
            ]
        )
    )
    return field


def _weekday(day: date) -> int:
    return day.isoweekday() % 7


def _is_last_of_its_kind(day: date) -> bool:
    return (day + timedelta(days=7)).month != day.month


@st.composite
def crons(draw: st.DrawFn, *, with_seconds: bool, every_day: bool = False) -> CronCase:
    second, matches_second = draw(number_fields(0, 59)) if with_seconds else ("", lambda n: n == 0)
    minute, matches_minute = draw(number_fields(0, 59))
    hour, matches_hour = draw(number_fields(0, 23))
    month, matches_month = EVERY_DAY if every_day else draw(months())
    dom, matches_dom = EVERY_DAY if every_day else draw(days_of_month())
    dow, matches_dow = EVERY_DAY if every_day else draw(days_of_week())
    both = dom.startswith("*") or dow.startswith("*")

    def matches_day(day: date) -> bool:
        of_month, of_week = matches_dom(day), matches_dow(day)
        return matches_month(day) and ((of_month and of_week) if both else (of_month or of_week))

    def matches(wall: datetime) -> bool:
        return (
            matches_second(wall.second)
            and matches_minute(wall.minute)
            and matches_hour(wall.hour)
            and matches_day(wall.date())
        )

    real_time = minute.startswith("*") or hour.startswith("*")
    return CronCase(f"{second} {minute} {hour} {dom} {month} {dow}".strip(), Rule(matches, real_time))


@st.composite
def time_points(draw: st.DrawFn, *, with_seconds: bool) -> tuple[str, ...]:
    hours, minutes = st.sampled_from([0, 1, 2, 3, 23]), st.integers(0, 59)
    seconds = st.integers(0, 59) if with_seconds else st.just(0)
    points = draw(st.lists(st.tuples(hours, minutes, seconds), min_size=1, max_size=4))
    return tuple(f"{h:02}:{m:02}:{s:02}" if s else f"{h:02}:{m:02}" for h, m, s in points)


@st.composite
def work_days(draw: st.DrawFn, first: date) -> dict[date, bool]:
    """Twelve days from `first` on; the first three are worked, so that nothing is shifted to them."""
    worked = [True, True, True, *draw(st.lists(st.booleans(), min_size=9, max_size=9))]
    return {first + timedelta(days=n): works for n, works in enumerate(worked)}
