"""A description of the days on which a cron expression fires."""

from cronsim import CronSim

from scheduling.schedule.cron import Cron
from scheduling.schedule.language import Language
from scheduling.schedule.phrases import (
    MONTHS,
    ORDINALS,
    WEEKDAYS,
    is_plural,
    join_list,
    numbers_listed,
    phrase,
    ranges_of,
)

ALL_DATES = set(range(1, 32))
ALL_MONTHS = set(range(1, 13))
ALL_WEEKDAYS = set(range(7))


def describe_days(cron: Cron, language: Language) -> str | None:
    """Describe the days; None means every day of the year.

    In Debian cron a day must match both day fields if one of them begins with a star, else either.
    """
    fields = cron.fields
    any_date = fields.days >= ALL_DATES
    any_weekday = {day % 7 for day in _plain(fields)} >= ALL_WEEKDAYS
    if (any_date and any_weekday) or (not fields.day_and and (any_date or any_weekday)):
        return _every_day(fields, language)
    if any_weekday:
        return _on_dates(fields, language)
    if any_date:
        return _on_weekdays(fields, language)
    dates = _on_dates(fields, language)
    if fields.day_and:
        return phrase("both", language, dates=dates, weekdays=_weekday_names(fields, language))
    return phrase("either", language, dates=dates, weekdays=_on_weekdays(fields, language))


def _every_day(fields: CronSim, language: Language) -> str | None:
    month = _months(fields, language)
    return month and phrase("in_months", language, days=phrase("every_day", language), month=month)


def _on_dates(fields: CronSim, language: Language) -> str:
    dates = {day for day in fields.days if day > 0}
    items = []
    if dates:
        items.append(phrase("dates", language, dates=numbers_listed(dates, language), s=is_plural(dates)))
    if CronSim.LAST in fields.days:
        items.append(phrase("last_date", language))
    if CronSim.LAST_WEEKDAY in fields.days:
        items.append(phrase("last_monday_to_friday", language))
    month = _months(fields, language) or phrase("any_month", language)
    return phrase("on_dates", language, dates=join_list(items, language), month=month)


def _on_weekdays(fields: CronSim, language: Language) -> str:
    month = _months(fields, language)
    items = []
    if plain := _plain_names(fields, language):
        days = phrase("on_weekdays", language, days=join_list(plain, language))
        items.append(phrase("in_months", language, days=days, month=month) if month else days)
    if nth := _nth_names(fields, language):
        month = month or phrase("any_month", language)
        items.append(phrase("on_nth_weekdays", language, days=join_list(nth, language), month=month))
    return join_list(items, language)


def _months(fields: CronSim, language: Language) -> str | None:
    """Describe the months; None means every month."""
    if fields.months >= ALL_MONTHS:
        return None
    names = MONTHS[language].split()
    named = [names[month - 1] for month in sorted(fields.months)]
    return phrase("months", language, months=join_list(named, language))


def _weekday_names(fields: CronSim, language: Language) -> str:
    names = _plain_names(fields, language) + _nth_names(fields, language)
    return join_list(names, language, last="join_last_or")


def _plain_names(fields: CronSim, language: Language) -> list[str]:
    names = WEEKDAYS[language].split()
    # Cron counts Sunday as 0 and as 7; the week begins on Monday.
    days = {(day - 1) % 7 for day in _plain(fields)}
    return [
        phrase("weekday", language, day=names[first])
        if first == last
        else phrase("weekday_run", language, first=names[first], last=names[last])
        for first, last in ranges_of(days)
    ]


def _nth_names(fields: CronSim, language: Language) -> list[str]:
    pairs = {((item[0] - 1) % 7, item[1]) for item in fields.weekdays if isinstance(item, tuple)}
    return [_nth_name(day, nth, language) for day, nth in sorted(pairs)]


def _nth_name(day: int, nth: int, language: Language) -> str:
    name = WEEKDAYS[language].split()[day]
    if nth == CronSim.LAST:
        return phrase("last_weekday", language, day=name)
    return phrase("nth_weekday", language, nth=ORDINALS[language].split()[nth - 1], day=name)


def _plain(fields: CronSim) -> set[int]:
    return {item for item in fields.weekdays if isinstance(item, int)}
