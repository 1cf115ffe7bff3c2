"""From the rows of calendars to the frozen days that schedules are computed with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, QuerySet

from common.row_locks import locked
from scheduling.models import BasedOn, CalendarDay, ScheduledTask
from scheduling.models import Calendar as Row
from scheduling.models.calendar import OFFICIAL
from scheduling.schedule.calendar_year import Day, days_of
from scheduling.schedule.calendars import BUILT_IN, Calendar, unconfirmed_years
from scheduling.schedule.day_list import SetDay
from scheduling.schedule.errors import UnknownCalendarError

CN_WORKDAY, CN_HOLIDAY = OFFICIAL
CALENDAR_ATTRIBUTE = "_calendar"

Key = tuple[str | None, str]  # tenant, code
EditedDays = Mapping[int, Mapping[date, bool]]  # by the row's id


def calendar_of(task: ScheduledTask) -> Calendar | None:
    """Return the task's calendar, None where it has none.

    Raises UnknownCalendarError where the task names one that its tenant can't use: it must not fire by a guess.
    """
    if not task.calendar:
        return None
    key: Key | None
    found: Calendar | None
    key, found = getattr(task, CALENDAR_ATTRIBUTE, (None, None))
    if key != (task.tenant_id, task.calendar):
        found = find(task.tenant_id, task.calendar)
    if found is None:
        raise UnknownCalendarError(task.calendar)
    return found


def set_calendar(task: ScheduledTask, calendar: Calendar | None) -> None:
    """Keep the calendar on the task, so that `calendar_of` asks the database no more."""
    setattr(task, CALENDAR_ATTRIBUTE, ((task.tenant_id, task.calendar), calendar))


def preload(tasks: Iterable[ScheduledTask]) -> None:
    """Load the calendars of these tasks, so that `calendar_of` asks the database no more.

    There are two queries for all of them, none where no task has a calendar.
    """
    named = [task for task in tasks if task.calendar]
    known = _load({task.calendar for task in named}, {task.tenant_id for task in named}) if named else {}
    for task in named:
        set_calendar(task, _look_up((task.tenant_id, task.calendar), known))


def find(tenant_id: str | None, code: str) -> Calendar | None:
    """Return the tenant's own calendar with this code, else the global one."""
    return _look_up((tenant_id, code), _load({code}, {tenant_id}))


def lock_days(task: ScheduledTask) -> None:
    """Lock the rows that the task's days come from, until the transaction ends."""
    if task.calendar:
        rows = _rows({task.calendar}, {task.tenant_id})
        list(locked(rows.order_by("pk"), skip=False).values_list("pk", flat=True))


def _look_up(key: Key, known: Mapping[Key, Calendar]) -> Calendar | None:
    return known.get(key) or known.get((None, key[1]))


def row_with_days(row: Row) -> Row:
    """Return the calendar whose rows are this one's edited days: both official ones share one set of days."""
    return Row.objects.get(tenant=None, code=CN_WORKDAY) if row.is_official else row


@dataclass(frozen=True)
class CalendarYear:
    year: int
    is_confirmed: bool
    days: list[Day]


def year_of(row: Row, year: int) -> CalendarYear:
    calendar = frozen_calendars([row])[row.pk]
    own_id = row_with_days(row).pk
    official = Q(calendar__tenant=None, calendar__code=CN_WORKDAY)
    set_days = CalendarDay.objects.filter(Q(calendar_id=own_id) | official, date__year=year)
    names, own = {}, set()
    for calendar_id, day, name in set_days.values_list("calendar_id", "date", "name"):
        if calendar_id == own_id:
            own.add(day)
        if calendar_id == own_id or day not in own:
            names[day] = name
    return CalendarYear(year, not unconfirmed_years(calendar, [year]), days_of(calendar, year, own, names))


def toggled_day(row: Row, day: date) -> SetDay:
    """Return the day switched between working and off; unset where the calendar that this one is based on agrees."""
    wanted = not frozen_calendars([row])[row.pk].is_workday(day)
    return SetDay(day, None if _without_edits(row).is_workday(day) is wanted else wanted)


def _without_edits(row: Row) -> Calendar:
    """Return the calendar without its own days."""
    official = None if row.is_official else Row.objects.filter(tenant=None, code=CN_WORKDAY).first()
    edited = _edited_days([official.pk] if official else [])
    return _frozen_calendar(row, _official_calendar(official, edited), edited)


def frozen_calendars(rows: Collection[Row]) -> dict[int, Calendar]:
    """Return the calendars with their days, by the row's id."""
    official = Row.objects.filter(tenant=None, code=CN_WORKDAY).first()
    edited = _edited_days([row.pk for row in rows] + ([official.pk] if official else []))
    base = _official_calendar(official, edited)
    return {row.pk: _frozen_calendar(row, base, edited) for row in rows}


def _load(codes: Collection[str], tenants: Collection[str | None]) -> dict[Key, Calendar]:
    rows = list(_rows(codes, tenants))
    edited = _edited_days([row.pk for row in rows])
    official = next((row for row in rows if row.is_official and row.code == CN_WORKDAY), None)
    base = _official_calendar(official, edited)
    built_in: dict[Key, Calendar] = {(None, CN_WORKDAY): base, (None, CN_HOLIDAY): _official_days_off(base)}
    return built_in | {(row.tenant_id, row.code): _frozen_calendar(row, base, edited) for row in rows}


def _rows(codes: Collection[str], tenants: Collection[str | None]) -> QuerySet[Row]:
    """Return the calendars with these codes, and the official working days, which others may be based on."""
    everybodys = Q(tenant=None, code__in={*codes, CN_WORKDAY})
    of_tenants = Q(tenant_id__in={*tenants} - {None}, code__in=codes)
    return Row.objects.filter(everybodys | of_tenants).order_by()


def _edited_days(ids: Collection[int]) -> EditedDays:
    found: dict[int, dict[date, bool]] = defaultdict(dict)
    days = CalendarDay.objects.filter(calendar_id__in=ids).order_by()
    for calendar_id, day, is_workday in days.values_list("calendar_id", "date", "is_workday"):
        found[calendar_id][day] = is_workday
    return found


def _official_calendar(row: Row | None, edited: EditedDays) -> Calendar:
    base = BUILT_IN[CN_WORKDAY]
    return base.based(base.code, "", edited.get(row.pk, {}), row.confirmed_years) if row else base


def _official_days_off(base: Calendar) -> Calendar:
    return replace(base, code=CN_HOLIDAY, on_holidays=True)


def _frozen_calendar(row: Row, base: Calendar, edited: EditedDays) -> Calendar:
    if row.is_official:
        return base if row.code == CN_WORKDAY else _official_days_off(base)
    own = edited.get(row.pk, {})
    if row.based_on == BasedOn.WEEK:
        return Calendar(row.code, row.name, official=False, weekdays=frozenset(row.weekdays), edited=own)
    base = base if row.based_on == BasedOn.CN_WORKDAY else _official_days_off(base)
    return base.based(row.code, row.name, own, row.confirmed_years)
