"""Translates a cron expression of the old systems' scheduler, APScheduler, into CRON as it is read here.

APScheduler reads some things in another way: weekdays count from 0 = Monday, a day must match both day fields, `last`
is a month's last day, a step ends with its range, and what follows a name is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cronsim import CronSimError
from cronsim.cronsim import Field

STAR = re.compile(r"\*(?:/(?P<step>\d+))?$")
NUMBERS = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?(?:/(?P<step>\d+))?$")
NAMES = re.compile(r"(?P<first>[a-z]+)(?:-(?P<last>[a-z]+))?", re.IGNORECASE)
LAST = 32  # the month's last day, after all others
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
LIMITS = {
    Field.MINUTE: (0, 59),
    Field.HOUR: (0, 23),
    Field.DAY: (1, 31),
    Field.MONTH: (1, 12),
    Field.DOW: (0, 6),
}
NAMED = {Field.MONTH: ("", *MONTHS), Field.DOW: WEEKDAYS}
EVERY_DATE, EVERY_WEEKDAY = set(range(1, 32)), set(range(7))
SUNDAY = 6


class NeverFiredError(ValueError):
    """The old scheduler refused the expression."""


class UntranslatableError(ValueError):
    """No CRON expression has this meaning here."""


def translate(expression: str) -> str:
    """Return the expression that fires here when this one fired there: the same text where it does so already.

    Raises NeverFiredError, UntranslatableError.
    """
    texts = expression.split()
    if len(texts) != len(LIMITS):
        raise NeverFiredError(f"the expression has {len(texts)} fields instead of 5")
    wanted = {field: _values(field, text) for field, text in zip(LIMITS, texts, strict=True)}
    fields = {field: _kept(field, text, wanted[field]) for field, text in zip(LIMITS, texts, strict=True)}
    fields[Field.DAY], fields[Field.DOW] = _days(fields[Field.DAY], fields[Field.DOW], wanted)
    return " ".join(fields.values())


def _values(field: Field, text: str) -> set[int]:
    return {value for item in text.split(",") for value in _item(field, item)}


def _item(field: Field, item: str) -> Iterable[int]:
    """Return the item's values, read as the classes in apscheduler.triggers.cron.expressions do.

    Raises NeverFiredError.
    """
    low, high = LIMITS[field]
    if found := STAR.match(item):
        return _stepped(low, high, found["step"], high - low)
    if found := NUMBERS.match(item):
        first = int(found["first"])
        last = int(found["last"]) if found["last"] else high if found["step"] else first
        if not low <= first <= last <= high:
            raise NeverFiredError(f"“{item}” is not between {low} and {high}, or ends before it begins")
        return _stepped(first, last, found["step"], (last or high) - first)
    if field == Field.DAY and item.lower().startswith("last"):
        return (LAST,)
    if field in NAMED and (found := NAMES.match(item)):
        first, last = (_named(field, found[part] or found["first"]) for part in ("first", "last"))
        if last < first:
            raise NeverFiredError(f"“{item}” ends before it begins")
        return range(first, last + 1)
    raise NeverFiredError(f"“{item}” is not valid")


def _stepped(first: int, last: int, text: str | None, highest: int) -> Iterable[int]:
    step = int(text) if text else 1
    if text and not 0 < step <= highest:
        raise NeverFiredError(f"the step {step} is not between 1 and {highest}")
    return range(first, last + 1, step)


def _named(field: Field, name: str) -> int:
    if name.upper() not in NAMED[field] or not name:
        raise NeverFiredError(
            f"“{name}” is not the name of a {'month' if field == Field.MONTH else 'weekday'}"
        )
    return NAMED[field].index(name.upper())


def _days(date: str, weekday: str, wanted: Mapping[Field, set[int]]) -> tuple[str, str]:
    """Return both day fields. Here, too, a day must match both, but only if one of them begins with a star.

    Raises UntranslatableError.
    """
    dates, weekdays = wanted[Field.DAY], wanted[Field.DOW]
    if weekdays == EVERY_WEEKDAY:
        return date, "*"
    if dates >= EVERY_DATE:
        return "*", weekday
    if weeks := _weeks(dates):
        return "*", ",".join(f"{WEEKDAYS[day]}#{week}" for week in weeks for day in sorted(weekdays))
    if date.startswith("*"):
        return date, weekday
    if 1 in dates:
        return ",".join(["*/31", *_listed(dates - {1})]), weekday  # the 1st, with a star
    if SUNDAY in weekdays:
        return date, ",".join(["*/7", *_weekday_runs(weekdays - {SUNDAY})])  # Sunday, with a star
    raise UntranslatableError


def _weeks(dates: set[int]) -> list[int]:
    """Return which n-th weekdays of a month all fall on these dates, and on all of them; [] where none do."""
    weeks = {n: set(range(7 * n - 6, min(7 * n, 31) + 1)) for n in range(1, 6)}
    whole = [n for n, days in weeks.items() if days <= dates]
    return whole if set().union(*(weeks[n] for n in whole)) == dates else []


def _kept(field: Field, text: str, wanted: set[int]) -> str:
    """Return the text as it stands where it means the same here, else the values written out."""
    if field == Field.DOW:
        same = {*text.upper().replace("-", ",").split(",")} <= {*WEEKDAYS[:SUNDAY]}
        return text if same else ",".join(_weekday_runs(wanted))
    try:
        same = field.parse(text.upper()) == wanted
    except (CronSimError, ValueError):
        same = False
    return text if same else ",".join(_listed(wanted))


def _weekday_runs(days: set[int]) -> Iterator[str]:
    """Write the days by name, since numbers meant other days. Sunday, which begins CRON's week, ends no range."""
    yield from (_run([WEEKDAYS[day] for day in run]) for run in _runs(days - {SUNDAY}))
    yield from (WEEKDAYS[day] for day in days & {SUNDAY})


def _listed(numbers: set[int]) -> Iterator[str]:
    yield from (_run([str(number) for number in run]) for run in _runs(numbers - {LAST}))
    yield from ("L" for _ in numbers & {LAST})


def _run(items: Sequence[str]) -> str:
    return f"{items[0]}-{items[-1]}" if len(items) > 2 else ",".join(items)


def _runs(numbers: set[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for number in sorted(numbers):
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
