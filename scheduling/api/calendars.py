"""Endpoints under /api/calendars: the days on which tasks may fire, everybody's and each tenant's own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import BeforeValidator, Field

from common.rest.answers import answers
from common.rest.fields import Code, Digits, Fields, Filters, Words, schema_of_column, schema_of_rule
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import ConflictError, NotFoundError
from scheduling.acts import calendars as calendar_acts
from scheduling.models import Calendar, CalendarDay
from scheduling.models.calendar import WEEKDAY, YEAR
from scheduling.planning import calendars
from scheduling.schedule.calendar_year import Source
from scheduling.schedule.day_list import MAX_DAYS, YEARS, SetDay
from tenants import rows
from tenants.access import Actor
from tenants.api.auth import caller
from tenants.api.scope import require_role, tenant_of_new
from tenants.models import Role

router = Router(tags=["Calendars"])
EXAMPLE: dict[str, Any] = {
    "tenant_id": "default",
    "code": "shop",
    "name": "Shop",
    "based_on": "week",
    "weekdays": [1, 2, 3, 4, 5, 6],
}


def _date(value: Any) -> date:
    """Parse a date, written only as 2026-10-01, in the years that calendars know. Raises ValueError."""
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(_("Write a day as 2026-10-01.")) from None
    if day.year not in YEARS or (isinstance(value, str) and value != day.isoformat()):
        raise ValueError(_("Write a day as 2026-10-01."))
    return day


Based = Literal["cn_workday", "cn_holiday", "week"]
CalendarCode = Annotated[str, schema_of_column(Calendar, "code")]
DayDate = Annotated[date, BeforeValidator(_date, json_schema_input_type=date)]
DayName = Annotated[str, schema_of_column(CalendarDay, "name")]
Weekdays = Annotated[list[Annotated[int, schema_of_rule(WEEKDAY)]], schema_of_column(Calendar, "weekdays")]
YearNumber = Annotated[int, schema_of_rule(YEAR)]


class CalendarFields(Fields):
    name: Annotated[str, schema_of_column(Calendar, "name")] = ""
    based_on: Based = "cn_workday"
    """China's official working days, every other day, or the days of the week."""
    weekdays: Weekdays = Field(
        [1, 2, 3, 4, 5], description="For calendars based on `week`: the working days; Monday is 1."
    )


class CalendarNew(CalendarFields):
    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    code: CalendarCode
    """The name by which tasks refer to it; it can't be changed."""
    tenant_id: Code | None = None
    """With null every tenant's tasks may use it; only superusers may set that."""


class CalendarFilters(PageQuery):
    """`search` looks in code and name."""

    tenant_id: Words | None = None
    ordering: Literal["id", "-id", "code", "-code"] = "id"


class CalendarShown(Schema):
    id: int
    code: str
    name: str
    tenant_id: str | None
    based_on: str
    weekdays: list[int]
    is_official: bool
    confirmed_years: list[int] = Field(
        description="The years that have been confirmed; those with an official notice need no confirmation."
    )
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_name(row: Calendar) -> str:
        return row.shown_name


class DayFields(Fields):
    model_config = {"json_schema_extra": {"examples": [{"is_workday": False, "name": "Company outing"}]}}

    is_workday: bool
    name: DayName = ""


class DayOfList(DayFields):
    model_config = {
        "json_schema_extra": {"examples": [{"date": "2026-10-08", "is_workday": False, "name": "Outing"}]}
    }

    date: DayDate


class DaysAsked(Fields):
    model_config = {
        "json_schema_extra": {"examples": [{"days": [{"date": "2026-10-08", "is_workday": False}]}]}
    }

    days: Annotated[list[DayOfList], Field(max_length=MAX_DAYS)]


class DaysQuery(Filters):
    year: Annotated[YearNumber, Digits] | None = None
    """The year; left out, this one."""


class DayShown(Schema):
    date: date
    is_workday: bool
    name: str
    source: Source = Field(
        description="The source: edited, official, guess (no official notice yet) or week."
    )


class DaysShown(Schema):
    year: int
    is_confirmed: bool = Field(
        description="Whether the year's days are confirmed, by an official notice or by a user."
    )
    items: list[DayShown]


class YearConfirmed(Fields):
    model_config = {"json_schema_extra": {"examples": [{"year": 2027}]}}

    year: YearNumber
    is_confirmed: bool = True


@router.get("", response=answers({200: PageOf[CalendarShown]}, 422), summary="List calendars")
def list_calendars(request: HttpRequest, query: Query[CalendarFilters]) -> Any:
    """Lists the calendars of the caller's tenants and the shared ones."""
    found = _readable_calendars(caller(request)).order_by(query.ordering, "id")
    if query.tenant_id is not None:
        found = found.filter(tenant_id=query.tenant_id)
    return page_of(found.filter(Q(code__icontains=query.search) | Q(name__icontains=query.search)), query)


@router.post("", response=answers({201: CalendarShown}, 403, 409, 422), summary="Create a calendar")
def create_calendar(request: HttpRequest, body: CalendarNew) -> Any:
    actor = caller(request)
    columns = _columns(body) | {"tenant_id": tenant_of_new(body, actor)}
    try:
        return Status(201, calendar_acts.create(Calendar(**columns), actor))
    except rows.AlreadyTakenError as error:
        raise ConflictError(_("A calendar with this code already exists."), code="taken") from error


@router.get("/{calendar}", response=answers({200: CalendarShown}, 404, 409), summary="Read a calendar")
def get_calendar(request: HttpRequest, calendar: str) -> Any:
    """The calendar is named by its code, or by its id where several tenants have one with this code (409)."""
    return _visible_calendar(caller(request), calendar)


@router.put(
    "/{calendar}", response=answers({200: CalendarShown}, 403, 404, 409, 422), summary="Change a calendar"
)
def update_calendar(request: HttpRequest, calendar: str, body: CalendarFields) -> Any:
    """Tasks that use the calendar follow the change at once. Of the official calendars only the days can be changed."""
    actor = caller(request)
    row = _editable_calendar(actor, calendar)
    try:
        return calendar_acts.change(row, _columns(body), actor, timezone.now())
    except calendar_acts.OfficialCalendarError as error:
        raise _official_calendar_conflict() from error


@router.delete("/{calendar}", response=answers({204: None}, 403, 404, 409), summary="Delete a calendar")
def delete_calendar(request: HttpRequest, calendar: str) -> Any:
    """The status is 409, with the names of the tasks, while tasks use the calendar."""
    actor = caller(request)
    try:
        calendar_acts.delete(_editable_calendar(actor, calendar), actor)
    except calendar_acts.OfficialCalendarError as error:
        raise _official_calendar_conflict() from error
    except rows.RowInUseError as error:
        text = _("These tasks use this calendar: %(names)s.") % {"names": ", ".join(error.names)}
        raise ConflictError(text, code="in_use") from error
    return Status(204, None)


@router.get(
    "/{calendar}/days", response=answers({200: DaysShown}, 404, 409, 422), summary="Read the days of a year"
)
def list_calendar_days(request: HttpRequest, calendar: str, query: Query[DaysQuery]) -> Any:
    year = query.year or timezone.localdate().year
    return _year_of(calendars.year_of(_visible_calendar(caller(request), calendar), year))


@router.patch(
    "/{calendar}/days", response=answers({200: DaysShown}, 403, 404, 409, 422), summary="Set a list of days"
)
def set_calendar_days(request: HttpRequest, calendar: str, body: DaysAsked) -> Any:
    """Other days stay as they are. The answer is the year of the earliest day, or this year where there is none."""
    actor = caller(request)
    row = _editable_calendar(actor, calendar)
    days = [SetDay(day.date, day.is_workday, day.name.strip()) for day in body.days]
    calendar_acts.set_days(row, days, actor, timezone.now())
    year = min(day.date for day in days).year if days else timezone.localdate().year
    return _year_of(calendars.year_of(row, year))


@router.put(
    "/{calendar}/days/{day}", response=answers({200: DayShown}, 403, 404, 409, 422), summary="Set one day"
)
def set_calendar_day(request: HttpRequest, calendar: str, day: DayDate, body: DayFields) -> Any:
    """Both official calendars are changed at once: every day that is not a working day is a day off."""
    actor = caller(request)
    row = _editable_calendar(actor, calendar)
    calendar_acts.set_days(row, [SetDay(day, body.is_workday, body.name.strip())], actor, timezone.now())
    return _day(row, day)


@router.delete(
    "/{calendar}/days/{day}",
    response=answers({204: None}, 403, 404, 409, 422),
    summary="Undo the edit of a day",
)
def unset_calendar_day(request: HttpRequest, calendar: str, day: DayDate) -> Any:
    """The day follows the calendar's base again."""
    actor = caller(request)
    calendar_acts.set_days(_editable_calendar(actor, calendar), [SetDay(day, None)], actor, timezone.now())
    return Status(204, None)


@router.post(
    "/{calendar}/confirm",
    response=answers({200: CalendarShown}, 403, 404, 409, 422),
    summary="Confirm a year",
)
def confirm_calendar_year(request: HttpRequest, calendar: str, body: YearConfirmed) -> Any:
    """Confirming ends the warnings about the year. The official calendars are confirmed together."""
    actor = caller(request)
    return calendar_acts.confirm(_editable_calendar(actor, calendar), body.year, body.is_confirmed, actor)


def _readable_calendars(actor: Actor) -> QuerySet[Calendar]:
    everything = Calendar.objects.all()
    own = Q(tenant=None) | Q(tenant_id__in=list(actor.roles))
    return everything if actor.everything else everything.filter(own)


def _visible_calendar(actor: Actor, name: str) -> Calendar:
    """Find a calendar by its id or code. Raises NotFoundError, ConflictError where several have the code."""
    is_id = name.isascii() and name.isdigit() and len(name) < 19
    found = list(_readable_calendars(actor).filter(**{"pk": int(name)} if is_id else {"code": name})[:2])
    if not found:
        raise NotFoundError
    if len(found) > 1:
        raise ConflictError(
            _("Several calendars have this code: give the id of the one you mean."), code="ambiguous"
        )
    return found[0]


def _editable_calendar(actor: Actor, name: str) -> Calendar:
    """Find a calendar that the caller may change. Raises NotFoundError, ConflictError, ForbiddenError."""
    row = _visible_calendar(actor, name)
    require_role(actor, Role.ADMIN, row.tenant_id)
    return row


def _columns(body: CalendarFields) -> dict[str, Any]:
    sent = body.model_dump(include=body.model_fields_set)
    return sent | ({"weekdays": sorted({*sent["weekdays"]})} if "weekdays" in sent else {})


def _official_calendar_conflict() -> ConflictError:
    return ConflictError(
        _("An official calendar can't be changed: you can only edit its days."), code="official"
    )


def _year_of(year: calendars.CalendarYear) -> dict[str, Any]:
    return {"year": year.year, "is_confirmed": year.is_confirmed, "items": year.days}


def _day(row: Calendar, day: date) -> Any:
    return next(each for each in calendars.year_of(row, day.year).days if each.date == day)
