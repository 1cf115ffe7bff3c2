"""Lists of days as people paste them: one on each line, from a spreadsheet or typed.

2026-10-01, off, National Day        2026/10/1 休 国庆节        20261010 班        2026-10-01..2026-10-07
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from scheduling.schedule.calendars import ONE_DAY
from scheduling.schedule.errors import MalformedValueError

MAX_DAYS = 2000
MAX_IN_RANGE = 366
MAX_NAME = 100
YEARS = range(1970, 2200)

DATE = r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))"
LINE = re.compile(rf"{DATE}(?:\s*(?:~|～|\.\.|至)\s*{DATE})?(?:[\s,;，；]+(.*))?")
BETWEEN = re.compile(r"[\s,;，；]+")
HEADERS = ("date", "日期")
STATES = {
    **dict.fromkeys(("work", "workday", "working", "1", "true", "班", "上班", "工作日", "补班"), True),
    **dict.fromkeys(("off", "holiday", "free", "0", "false", "休", "休息", "放假", "假", "节假日"), False),
}


@dataclass(frozen=True)
class SetDay:
    """A day as a user sets it. `is_workday` is None for a day that is not set and follows the calendar's base."""

    date: date
    is_workday: bool | None
    name: str = ""


def read_days(text: str, default: bool) -> list[SetDay]:
    """Read the days, sorted. Raises MalformedValueError.

    `default` holds for lines that do not say whether their day is worked. The last line about a day wins, but every
    line counts towards MAX_DAYS, which limits what is read, not what is returned.
    """
    found: dict[date, SetDay] = {}
    read = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not (number == 1 and line.strip().lower().startswith(HEADERS)):
            days = list(_read_line(number, line.strip(), default))
            found |= {day.date: day for day in days}
            read += len(days)
        if read > MAX_DAYS:
            raise MalformedValueError("days", "too_many_days", most=MAX_DAYS)
    return [found[day] for day in sorted(found)]


def _read_line(number: int, line: str, default: bool) -> Iterator[SetDay]:
    match = LINE.fullmatch(line)
    if match is None:
        raise MalformedValueError("days", "day_line", line=number, value=line[:40])
    *numbers, rest = match.groups()
    try:
        first = _read_date(numbers[:5])
        last = _read_date(numbers[5:]) if numbers[5] else first
    except ValueError:
        raise MalformedValueError("days", "day_line", line=number, value=line[:40]) from None
    if not 0 <= (last - first).days < MAX_IN_RANGE:
        raise MalformedValueError("days", "day_range", line=number, most=MAX_IN_RANGE)
    is_workday, name = _day_state(rest or "", default)
    for n in range((last - first).days + 1):
        yield SetDay(first + n * ONE_DAY, is_workday, name)


def _read_date(numbers: list[str | None]) -> date:
    year, *month_and_day = (int(number) for number in numbers if number)
    if year not in YEARS:
        raise ValueError(year)
    return date(year, *month_and_day)


def _day_state(rest: str, default: bool) -> tuple[bool, str]:
    word, *more = BETWEEN.split(rest, maxsplit=1)
    if word.lower() in STATES:
        return STATES[word.lower()], _read_name(more[0] if more else "")
    return default, _read_name(rest)


def _read_name(text: str) -> str:
    return text.strip(" \t,;，；\"'")[:MAX_NAME]
