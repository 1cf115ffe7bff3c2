"""Plans a document's calendars, each as a whole: a column left out has its default, a day left out is not edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from pydantic import ValidationError

from common.rest.fields import schema_of_column
from common.row_locks import locked
from platform_site.importing.document import calendar_key
from platform_site.importing.step import DocumentRefusedError, Step, act_of
from scheduling.acts import calendars
from scheduling.api.calendars import CalendarNew, DayOfList, YearNumber
from scheduling.models import Calendar, CalendarDay
from scheduling.planning.calendars import CN_HOLIDAY, CN_WORKDAY
from scheduling.schedule.day_list import SetDay
from tenants import rows
from tenants.access import SYSTEM
from tenants.models import Tenant

COLUMNS = ("name", "based_on", "weekdays")


class Entry(CalendarNew):
    confirmed_years: Annotated[list[YearNumber], schema_of_column(Calendar, "confirmed_years")] = []
    days: list[DayOfList] = []


class CalendarPlanner:
    def __init__(self) -> None:
        self.stored = {calendar_key(row): row for row in Calendar.objects.prefetch_related("days")}
        self.tenants = {None, *Tenant.objects.values_list("code", flat=True)}
        self.seen: set[str] = set()

    def step(self, entry: Mapping[str, Any]) -> Step:
        """Plan what the entry creates, changes or keeps. Raises DocumentRefusedError."""
        key = f"{entry.get('tenant_id') or ''}/{entry.get('code', '')}"
        if reasons := list(self._reasons(key, entry)):
            raise DocumentRefusedError([f"calendar {key}: {reason}" for reason in reasons])
        self.seen.add(key)
        sent, stored = Entry.model_validate(entry), self.stored.get(key)
        fields = dict(_differences(_stored_fields(stored) if stored else {}, _wanted_fields(sent)))
        return Step("calendar", key, act_of(stored is not None, fields), fields, partial(_make, sent, stored))

    def _reasons(self, key: str, entry: Mapping[str, Any]) -> Iterator[str]:
        if key in self.seen:
            yield "it occurs twice in the document."
        if key not in self.stored and f"/{entry.get('code')}" in self.stored:
            yield "a shared calendar already has this code."
        try:
            sent = Entry.model_validate(entry)
        except ValidationError as error:
            yield from (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        else:
            if sent.tenant_id not in self.tenants:
                yield f"tenant_id: the tenant “{sent.tenant_id}” does not exist."
            if key in self.stored and self.stored[key].is_official:
                yield from _of_official(self.stored[key], sent)


def _of_official(stored: Calendar, sent: Entry) -> Iterator[str]:
    if stored.code == CN_HOLIDAY:
        yield f"its days are those of {CN_WORKDAY}: define them there."
    elif any(getattr(stored, name) != value for name, value in _columns(sent).items()):
        yield "an official calendar can't be changed: you can only edit its days."


def _stored_fields(row: Calendar) -> dict[str, Any]:
    days = {f"days.{day}": _day(day) for day in row.days.all()}
    return {name: getattr(row, name) for name in (*COLUMNS, "confirmed_years")} | days


def _wanted_fields(sent: Entry) -> dict[str, Any]:
    days = {f"days.{day.date}": _day(day) for day in sorted(sent.days, key=lambda day: day.date)}
    return _columns(sent) | {"confirmed_years": sorted({*sent.confirmed_years})} | days


def _columns(sent: Entry) -> dict[str, Any]:
    return sent.model_dump(include={*COLUMNS}) | {"weekdays": sorted({*sent.weekdays})}


def _day(day: CalendarDay | DayOfList) -> str:
    return f"{'workday' if day.is_workday else 'off'} {day.name}".strip()


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for name in {**after, **before}:
        old, new = before.get(name), after.get(name)
        if old != new:
            yield name, [old, new]


def _make(sent: Entry, planned: Calendar | None, now: datetime) -> None:
    row = _locked(planned) if planned else _new(sent)
    calendars.change(row, _columns(sent), SYSTEM, now)
    wanted = {day.date: SetDay(day.date, day.is_workday, day.name) for day in sent.days}
    unset = {day.date: SetDay(day.date, None) for day in row.days.all()}
    calendars.set_days(row, list({**unset, **wanted}.values()), SYSTEM, now)
    for year in {*row.confirmed_years} ^ {*sent.confirmed_years}:
        calendars.confirm(row, year, year in sent.confirmed_years, SYSTEM)


def _new(sent: Entry) -> Calendar:
    try:
        return calendars.create(Calendar(tenant_id=sent.tenant_id, code=sent.code), SYSTEM)
    except rows.AlreadyTakenError as error:
        raise DocumentRefusedError(
            [f"calendar {sent.code}: its code has been taken in the meantime: run the import again."]
        ) from error


def _locked(planned: Calendar) -> Calendar:
    unchanged = Calendar.objects.filter(pk=planned.pk, updated_at=planned.updated_at)
    if (row := locked(unchanged, skip=False).first()) is None:
        raise DocumentRefusedError(
            [f"calendar {planned.code}: it has been changed in the meantime: run the import again."]
        )
    return row
