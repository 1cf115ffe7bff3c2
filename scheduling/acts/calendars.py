"""What people do to a calendar: create, change, set its days, confirm a year, delete. Each act owns its transaction.

A change of days is one transaction:

1. The calendar's row is locked, before any task. Who gives a task another calendar locks it as well
   (`calendars.lock_days`), so no due time is computed by days that are about to change.
2. Tasks that fire by the calendar settle what they owe by the old days.
3. The days change.
4. Rows written ahead of their time are deleted, and the next due time is computed anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from common.row_locks import locked
from common.ruled import check_columns
from scheduling.acts import replanning
from scheduling.models import (
    BasedOn,
    Calendar,
    CalendarDay,
    ScheduledTask,
    ScheduleType,
)
from scheduling.models.calendar import calendar_key
from scheduling.planning import calendars
from scheduling.planning.schedules import next_run
from scheduling.schedule.day_list import SetDay
from scheduling.schedule.errors import ScheduleError
from tenants import audit, rows
from tenants.access import Actor

BATCH = 500
MAX_NAMED = 20
# A due time may lie this far from its day's midnight in UTC: the zone's offset, and a spread of up to a day.
DUE_TIME_MARGIN = timedelta(days=2)
ANY_DAY = date.min + DUE_TIME_MARGIN
# A task due this soon may be fired by a beat meanwhile, which computes its next due time by the old days.
SOON = timedelta(minutes=1)


class OfficialCalendarError(Exception):
    """An official calendar can't be changed or deleted; only its days may be edited."""


def create(calendar: Calendar, actor: Actor) -> Calendar:
    """Save a new calendar. Raises rows.AlreadyTakenError, also for the code of a global calendar."""
    everybodys = Calendar.objects.filter(tenant=None, code=calendar.code)
    if everybodys.exists():
        raise rows.AlreadyTakenError
    calendar.scope_key = calendar_key(calendar.tenant_id, calendar.code)
    return rows.create(calendar, actor)


def change(calendar: Calendar, columns: Mapping[str, Any], actor: Actor, now: datetime) -> Calendar:
    """Change name, based_on or weekdays.

    Raises OfficialCalendarError, and ValidationError for what the rules forbid.
    """
    differing = {name: value for name, value in columns.items() if getattr(calendar, name) != value}
    if calendar.is_official and differing:
        raise OfficialCalendarError
    if differing.keys() <= {"name"}:
        return rows.change(calendar, differing, actor)
    with transaction.atomic():
        _edit_and_replan(calendar, ANY_DAY, now, lambda: rows.change(calendar, differing, actor))
    return calendar


def set_days(calendar: Calendar, days: Sequence[SetDay], actor: Actor, now: datetime) -> None:
    """Set days; one whose `is_workday` is None is no longer set. Raises ValidationError.

    The official calendar of days off has the same set of days as that of working days, seen from the other side.
    """
    if not days:
        return
    with transaction.atomic():
        kept_in = calendars.row_with_days(calendar)
        _edit_and_replan(
            kept_in, min(day.date for day in days), now, lambda: _write_days(kept_in, days, actor)
        )


def confirm(calendar: Calendar, year: int, is_confirmed: bool, actor: Actor) -> Calendar:
    """Record that somebody has checked the year's days, or that nobody has.

    No due time changes by it. Raises ValidationError.
    """
    with transaction.atomic():
        row = locked(Calendar.objects.filter(pk=calendars.row_with_days(calendar).pk), skip=False).get()
        if (year in row.confirmed_years) is not is_confirmed:
            others = {*row.confirmed_years} - {year}
            row.confirmed_years = sorted(others | {year} if is_confirmed else others)
            check_columns(row, ["confirmed_years"])
            row.save(update_fields=["confirmed_years", "updated_at"])
            audit.record(actor, "confirm", row, {str(year): [str(not is_confirmed), str(is_confirmed)]})
    return row


def delete(calendar: Calendar, actor: Actor) -> None:
    """Delete the calendar. Raises rows.RowInUseError, which names the tasks, and OfficialCalendarError."""
    if calendar.is_official:
        raise OfficialCalendarError
    with transaction.atomic():
        locked(Calendar.objects.filter(pk=calendar.pk), skip=False).first()
        if names := tasks_using(calendar):
            raise rows.RowInUseError(names)
        rows.delete(calendar, actor)


def tasks_using(calendar: Calendar) -> list[str]:
    """Return the names of the tasks that use the calendar, at most twenty."""
    named = ScheduledTask.objects.filter(_names_calendar(calendar)).order_by("pk")
    return list(named.values_list("task_name", flat=True)[:MAX_NAMED])


def _write_days(calendar: Calendar, days: Sequence[SetDay], actor: Actor) -> None:
    set_before = {day.date: day for day in CalendarDay.objects.filter(calendar=calendar)}
    before = {day.date: _day_text(set_before.get(day.date)) for day in days}
    after = {day.date: _day_text(day if day.is_workday is not None else None) for day in days}
    if not (changed := {day for day in after if before[day] != after[day]}):
        return
    CalendarDay.objects.filter(calendar=calendar, date__in=changed).delete()
    new = [
        CalendarDay(calendar=calendar, date=day.date, is_workday=day.is_workday, name=day.name)
        for day in {day.date: day for day in days}.values()
        if day.date in changed and day.is_workday is not None
    ]
    for row in new:
        check_columns(row, ["date", "name"])
    CalendarDay.objects.bulk_create(new)
    calendar.save(update_fields=["updated_at"])
    differences = {str(day): [before[day], after[day]] for day in sorted(changed)}
    audit.record(actor, "set_days", calendar, differences)


def _day_text(day: CalendarDay | SetDay | None) -> str:
    return f"{'workday' if day.is_workday else 'off'} {day.name}".strip() if day else ""


def _edit_and_replan(calendar: Calendar, since: date, now: datetime, edit: Callable[[], object]) -> None:
    """Apply `edit`. The tasks concerned are locked and settled before it, and planned anew after it.

    `since`: the first day that the edit may change.
    """
    locked(Calendar.objects.filter(pk=calendar.pk), skip=False).first()
    ids = list(_tasks_concerned(calendar, since, now).order_by("pk").values_list("pk", flat=True))
    batches = [ids[first : first + BATCH] for first in range(0, len(ids), BATCH)]
    for batch in batches:
        tasks = locked(ScheduledTask.objects.filter(pk__in=batch).order_by("pk"), skip=False)
        replanning.write_owed_runs(list(tasks), now)
    edit()
    for batch in batches:
        _replan(batch, now)


def _tasks_concerned(calendar: Calendar, since: date, now: datetime) -> QuerySet[ScheduledTask]:
    """Return the enabled tasks whose next due time the edit may change.

    A task that fires before `since` does so whatever is changed; windows follow one another without a calendar.
    """
    earliest = datetime.combine(since, time.min, UTC) - DUE_TIME_MARGIN
    by_it = Q()
    for row in (calendar, *_based_on(calendar)):
        by_it |= _names_calendar(row)
    at = Q(next_run_at__gte=earliest) | Q(next_run_at=None) | Q(next_run_at__lte=now + SOON)
    rows = ScheduledTask.objects.filter(by_it, at, is_enabled=True)
    return rows.exclude(use_windows=True, schedule_type=ScheduleType.INTERVAL)


def _based_on(calendar: Calendar) -> list[Calendar]:
    """Return the other calendars, which may be based on this one: only the official days have any."""
    if not calendar.is_official:
        return []
    return list(Calendar.objects.exclude(based_on=BasedOn.WEEK).exclude(pk=calendar.pk).order_by())


def _names_calendar(calendar: Calendar) -> Q:
    """Return the condition for tasks that mean this calendar by its code: a tenant's own comes before a global one."""
    by_code = Q(calendar=calendar.code)
    if calendar.tenant_id is not None:
        return by_code & Q(tenant_id=calendar.tenant_id)
    own = Calendar.objects.filter(code=calendar.code).exclude(tenant=None).values_list("tenant_id", flat=True)
    return by_code & (Q(tenant=None) | ~Q(tenant_id__in=list(own)))


def _replan(ids: Sequence[int], now: datetime) -> None:
    replanning.drop_rows_ahead(ids, now)
    tasks = list(ScheduledTask.objects.filter(pk__in=ids))
    calendars.preload(tasks)
    by_next: dict[datetime | None, list[int]] = defaultdict(list)
    for task in tasks:
        by_next[_next_run_at(task, now)].append(task.pk)
    for at, of in by_next.items():
        ScheduledTask.objects.filter(pk__in=of).update(next_run_at=at)


def _next_run_at(task: ScheduledTask, now: datetime) -> datetime | None:
    try:
        return next_run(task, now)
    except ScheduleError:  # a row edited behind our back: beat logs it, and no longer fires it
        return task.next_run_at
