"""A description of the times of day at which a cron expression fires."""

from itertools import product

from scheduling.schedule.cron import Cron
from scheduling.schedule.language import Language
from scheduling.schedule.phrases import every, is_plural, join_list, numbers_listed, phrase

SIXTY = set(range(60))
ALL_HOURS = set(range(24))
MAX_TIMES_LISTED = 8


def listed_times(cron: Cron, language: Language) -> str | None:
    """List the times, as “08:00、12:30”; None if there are more than MAX_TIMES_LISTED."""
    fields = cron.fields
    if len(fields.hours) * len(fields.minutes) * len(fields.seconds) > MAX_TIMES_LISTED:
        return None
    times = product(sorted(fields.hours), sorted(fields.minutes), sorted(fields.seconds))
    return join_list([_clock(*time) for time in times], language)


def describe_often(cron: Cron, language: Language) -> str:
    """Describe the smallest unit that counts within the larger ones, as “08:00–18:59 每 5 分钟”."""
    hours, minutes, seconds = cron.fields.hours, cron.fields.minutes, cron.fields.seconds
    if seconds == {0}:
        return _by_minutes(hours, minutes, language)
    what = _by_seconds(seconds, minutes, language)
    if minutes == SIXTY:
        return _throughout(hours, what, language)
    what = phrase("of_minutes", language, what=what, **_numbers("minutes", minutes, language))
    return _of_hours(hours, what, language)


def _by_seconds(seconds: set[int], minutes: set[int], language: Language) -> str:
    if step := _step(seconds, 60):
        return every(step, "second", language)
    what = phrase("at_seconds", language, **_numbers("seconds", seconds, language))
    return phrase("of_every_minute", language, what=what) if minutes == SIXTY else what


def _by_minutes(hours: set[int], minutes: set[int], language: Language) -> str:
    if step := _step(minutes, 60):
        return _throughout(hours, every(step, "minute", language), language)
    if len(minutes) == 1 and hours != ALL_HOURS:
        first, last = (_clock(hour, min(minutes)) for hour in (min(hours), max(hours)))
        if step := _step(hours, 24):
            return phrase("every_n_hours_from", language, n=step, time=first)
        if _in_a_row(hours):
            return phrase("hourly_between", language, first=first, last=last)
    what = phrase("at_minutes", language, **_numbers("minutes", minutes, language))
    return _of_hours(hours, what, language)


def _throughout(hours: set[int], what: str, language: Language) -> str:
    """Add the hours to a description that holds for each whole hour."""
    if hours == ALL_HOURS:
        return what
    if _in_a_row(hours):
        return phrase("between_hours", language, first=min(hours), last=max(hours), what=what)
    return _of_hours(hours, what, language)


def _of_hours(hours: set[int], what: str, language: Language) -> str:
    if hours == ALL_HOURS:
        return phrase("of_every_hour", language, what=what)
    return phrase("of_hours", language, what=what, **_numbers("hours", hours, language))


def _numbers(name: str, numbers: set[int], language: Language) -> dict[str, str]:
    return {name: numbers_listed(numbers, language), "s": is_plural(numbers)}


def _step(values: set[int], size: int) -> int | None:
    """Return n if the values are every n-th of `size`, evenly (0, 25, 50 of 60 are not); else None."""
    step, rest = divmod(size, len(values))
    return step if not rest and len(values) > 1 and values == set(range(0, size, step)) else None


def _in_a_row(hours: set[int]) -> bool:
    return max(hours) - min(hours) + 1 == len(hours)


def _clock(hour: int, minute: int, second: int = 0) -> str:
    return f"{hour:02}:{minute:02}:{second:02}" if second else f"{hour:02}:{minute:02}"
