"""A schedule's description in the reader's language. Every schedule that `validate` accepts has one."""

from collections.abc import Callable
from datetime import datetime

from scheduling.schedule.calendars import BUILT_IN, Calendar
from scheduling.schedule.cron import parse_cron
from scheduling.schedule.cron_days import describe_days
from scheduling.schedule.cron_times import describe_often, listed_times
from scheduling.schedule.language import Language
from scheduling.schedule.phrases import every, join_list, phrase
from scheduling.schedule.rule import DEFAULT_TIMEZONE, EPOCH, Schedule
from scheduling.schedule.validate import require_readable


def describe(schedule: Schedule, language: Language) -> str:
    """Describe the schedule in one sentence. Raises ScheduleError."""
    require_readable(schedule)
    what = RULES[schedule.schedule_type](schedule, language)
    what = _with_calendar(what, schedule, language)
    if schedule.spread_seconds:
        what = phrase("spread", language, what=what, seconds=schedule.spread_seconds)
    if schedule.start_at is not None:
        what = phrase("from", language, what=what, time=_shown(schedule.start_at, schedule))
    if schedule.end_at is not None:
        what = phrase("until", language, what=what, time=_shown(schedule.end_at, schedule))
    if schedule.timezone != DEFAULT_TIMEZONE:
        what = phrase("timezone", language, what=what, timezone=schedule.timezone)
    return what[0].upper() + what[1:]


def _simple(schedule: Schedule, language: Language) -> str:
    points = {point[:5] if point.endswith(":00", 5) else point for point in schedule.time_points}
    days = phrase("every_day", language)
    if schedule.calendar is not None and schedule.calendar_policy == "skip":
        days = phrase("on_days", language, days=_days_of(schedule.calendar, language))
    return phrase("days_at", language, days=days, times=join_list(sorted(points), language))


def _cron(schedule: Schedule, language: Language) -> str:
    cron = parse_cron(schedule.cron_expression)
    days = describe_days(cron, language)
    times = listed_times(cron, language)
    if times is not None:
        return phrase("days_at", language, days=days or phrase("every_day", language), times=times)
    often = describe_often(cron, language)
    return often if days is None else phrase("days_with", language, days=days, often=often)


def _interval(schedule: Schedule, language: Language) -> str:
    assert schedule.interval_minutes is not None
    hours, minutes = divmod(schedule.interval_minutes, 60)
    if minutes:
        return every(schedule.interval_minutes, "minute", language)
    often = every(hours, "hour", language)
    if schedule.anchor == EPOCH:
        return often
    return phrase("counted_from", language, often=often, time=_shown(schedule.anchor, schedule))


def _once(schedule: Schedule, language: Language) -> str:
    assert schedule.run_at is not None
    return phrase("once", language, time=_shown(schedule.run_at, schedule))


RULES: dict[str, Callable[[Schedule, Language], str]] = {
    "simple": _simple,
    "cron": _cron,
    "interval": _interval,
    "once": _once,
}


def _with_calendar(what: str, schedule: Schedule, language: Language) -> str:
    if schedule.calendar is None:
        return what
    if schedule.calendar_policy == "shift":
        return phrase("moved_to", language, what=what, day=_day_of(schedule.calendar, language))
    if schedule.schedule_type == "simple":
        return what
    return phrase("only_on", language, what=what, days=_days_of(schedule.calendar, language))


def _days_of(calendar: Calendar, language: Language) -> str:
    kind = calendar.code if calendar.code in BUILT_IN else "own"
    return phrase(f"{kind}_days", language, name=calendar.name or calendar.code)


def _day_of(calendar: Calendar, language: Language) -> str:
    kind = calendar.code if calendar.code in BUILT_IN else "own"
    return phrase(f"{kind}_day", language, name=calendar.name or calendar.code)


def _shown(at: datetime, schedule: Schedule) -> str:
    local = at.astimezone(schedule.zone)
    return f"{local:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
