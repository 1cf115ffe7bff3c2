"""Cron as other schedulers write it, in Debian cron's terms: Quartz's `?` and year, ranges that wrap around.

Quartz: https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cronsim import CronSimError
from cronsim.cronsim import SYMBOLIC_DAYS, Field

from scheduling.schedule.errors import MalformedCronError

ANY = ("*", "?")
FIRST_AND_COUNT = {
    Field.SECOND: (0, 60),
    Field.MINUTE: (0, 60),
    Field.HOUR: (0, 24),
    Field.DAY: (1, 31),
    Field.MONTH: (1, 12),
    Field.DOW: (0, 7),
}
RANGE = re.compile(r"(\w+)-(\w+)(?:/(\d{1,4}))?")
STEP = re.compile(r"[*\w-]+/(\d{1,4})")
WEEKDAY_NUMBER = re.compile(r"(?<![#/\d])[1-7](?!\d)")
LAST_WEEKDAY_BY_NAME = re.compile(rf"({'|'.join(SYMBOLIC_DAYS)})L")


@dataclass(frozen=True)
class Remark:
    """What an author should know of an expression that is valid: a code of the cautions, and a part of it."""

    code: str
    value: str


def in_debians_terms(parts: Sequence[str]) -> tuple[list[str], tuple[Remark, ...]]:
    """Return six fields, seconds first, and remarks. The fields' values may still be wrong.

    Raises MalformedCronError for another number of fields, a year, and Quartz's numbers of weekdays.
    """
    is_quartz = "?" in parts or len(parts) == 7
    if len(parts) == 7:
        parts = _without_year(parts)
    if len(parts) not in (5, 6):
        raise MalformedCronError("cron_field_count", count=len(parts))
    six = ["0"] * (6 - len(parts)) + list(parts)
    if is_quartz:
        _refuse_weekday_numbers(six[Field.DOW])
    remarks = [Remark("cron_question_mark", "?")] if "?" in six else []
    for field in (Field.DAY, Field.DOW):
        six[field] = "*" if six[field] == "?" else six[field]
    six = [_unwrapped(field, part) for field, part in zip(Field, six, strict=True)]
    return six, (*remarks, *_long_steps(six))


def _without_year(parts: Sequence[str]) -> list[str]:
    *others, year = parts
    if year not in ANY:
        raise MalformedCronError("cron_year", value=year)
    return others


def _refuse_weekday_numbers(part: str) -> None:
    """Raise MalformedCronError where weekdays are numbers: Quartz counts from Sunday as 1, cron from Monday as 1."""
    named = WEEKDAY_NUMBER.sub(lambda number: SYMBOLIC_DAYS[int(number[0]) - 1], part)
    if named != part:
        raise MalformedCronError("cron_quartz_weekday", value=part, names=named)


def _unwrapped(field: Field, part: str) -> str:
    """Return the field with ranges such as 22-2 and FRI-MON written as lists, and FRIL as 5L."""
    if field is Field.DOW:
        part = LAST_WEEKDAY_BY_NAME.sub(lambda found: f"{SYMBOLIC_DAYS.index(found[1])}L", part)
    return ",".join(_as_list(field, term) for term in part.split(","))


def _as_list(field: Field, term: str) -> str:
    found = RANGE.fullmatch(term)
    try:
        ends = (field.int(found[1]), field.int(found[2])) if found else (0, 0)
    except CronSimError:
        return term  # the parser says what is wrong
    if not found or ends[0] <= ends[1] or found[3] == "0":
        return term
    first, count = FIRST_AND_COUNT[field]
    length = (ends[1] - ends[0]) % count + 1
    values = (first + (ends[0] - first + n) % count for n in range(0, length, int(found[3] or 1)))
    return ",".join(map(str, values))


def _long_steps(six: Sequence[str]) -> Iterator[Remark]:
    for field, part in zip(Field, six, strict=True):
        for term in part.split(","):
            step = STEP.fullmatch(term)
            if step and int(step[1]) > FIRST_AND_COUNT[field][1]:
                yield Remark("cron_long_step", term)
