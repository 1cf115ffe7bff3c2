"""The pages of calendars: what each is based on, and a year to view, edit by a click, paste days into and confirm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from common.numbers import int_or
from scheduling.acts import calendars as calendar_acts
from scheduling.acts.task_rules import reader_language
from scheduling.models import BasedOn, Calendar
from scheduling.models.calendar import MONDAY_TO_FRIDAY, calendar_key
from scheduling.planning import calendars
from scheduling.schedule.calendar_year import Day
from scheduling.schedule.calendars import SATURDAY, unconfirmed_years
from scheduling.schedule.day_list import YEARS, SetDay, read_days
from scheduling.schedule.errors import ScheduleError
from tenants.access import Actor
from tenants.admin.access import actor, has_role_anywhere
from tenants.admin.base import ScopedAdmin
from tenants.admin.labels import label
from tenants.admin.pages import TenantFilter
from tenants.admin.post_actions import Act, Offer
from tenants.admin.write_only import WriteOnlyForm
from tenants.models import Role

WEEKDAYS = list(
    enumerate(
        (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")), 1
    )
)


class CalendarForm(WriteOnlyForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("working days of the week"),
        required=False,
        coerce=int,
        choices=WEEKDAYS,
        initial=list(MONDAY_TO_FRIDAY),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("This applies only to calendars based on the days of the week."),
    )

    class Meta:
        model = Calendar
        fields = ("code", "tenant", "name", "based_on", "weekdays")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        code = cleaned.get("code")
        if self.instance.pk is None and code:
            tenant = cleaned.get("tenant")
            has_same_code = Q(scope_key=calendar_key(tenant and tenant.code, code)) | Q(
                tenant=None, code=code
            )
            if Calendar.objects.filter(has_same_code).exists():
                self.add_error("code", _("A calendar with this code already exists."))
        return cleaned


@dataclass(frozen=True)
class Cell:
    """A day as it is drawn. `kind` is work, off, holiday or make_up."""

    day: Day
    kind: str
    is_today: bool


@dataclass(frozen=True)
class Month:
    """A month as it is drawn. `blanks` stands for the days of its first week that belong to the month before."""

    first: date
    blanks: range
    cells: list[Cell]


def months_of(days: Iterable[Day], today: date) -> list[Month]:
    return [_as_month(list(of_month)) for _number, of_month in groupby(_cells(days, today), _month_of)]


def _cells(days: Iterable[Day], today: date) -> list[Cell]:
    return [Cell(day, _kind_of_day(day), day.date == today) for day in days]


def _month_of(cell: Cell) -> int:
    return cell.day.date.month


def _as_month(cells: list[Cell]) -> Month:
    first = cells[0].day.date
    return Month(first, range(first.weekday()), cells)


def _kind_of_day(day: Day) -> str:
    if day.source == "week":
        return "work" if day.is_workday else "off"
    if not day.is_workday:
        return "holiday"
    return "make_up" if day.date.isoweekday() >= SATURDAY else "work"


@admin.register(Calendar)
class CalendarAdmin(ScopedAdmin):
    form = CalendarForm
    acts = (
        Act("set_day", _("Set a day"), "edit", Role.ADMIN),
        Act("import_days", _("Set a list of days"), "playlist_add", Role.ADMIN),
        Act("confirm", _("Confirm a year"), "verified", Role.ADMIN),
    )
    change_form_template = "platform/calendar.html"
    change_form_outer_after_template = "platform/calendar_year.html"
    list_display = ("shown_name", "code", "tenant", "based_on", "unconfirmed", "updated_at")
    list_select_related = ("tenant",)
    list_filter = (TenantFilter,)
    search_fields = ("code", "name")
    fields = ("tenant", "code", "name", "based_on", "weekdays")

    # --- everybody sees what is everybody's

    def seen(self, rows: QuerySet[Any], who: Actor) -> QuerySet[Any]:
        return rows if who.everything else rows.filter(Q(tenant=None) | Q(tenant_id__in=list(who.roles)))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.tenant_id is None:
            return has_role_anywhere(actor(request), Role.VIEWER)
        return super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the columns may be changed. Days and years are changed by acts."""
        return not (obj and obj.is_official) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not (obj and obj.is_official) and super().has_delete_permission(request, obj)

    # --- list

    @admin.display(description=_("calendar"), ordering="scope_key")
    def shown_name(self, row: Calendar) -> str:
        return row.shown_name

    @admin.display(description=_("unconfirmed years"))
    def unconfirmed(self, row: Any) -> str:
        years = ", ".join(map(str, row.unconfirmed_years))
        return label(years, "warning") if years else ""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows: list[Any] = list(changelist.result_list)
        found, this_year = calendars.frozen_calendars(rows), timezone.localdate().year
        for row in rows:
            row.unconfirmed_years = unconfirmed_years(found[row.pk], [this_year, this_year + 1])
        changelist.result_list = rows
        return changelist

    # --- form

    def get_readonly_fields(self, request: HttpRequest, obj: Calendar | None = None) -> list[Any]:
        fixed = [] if obj is None else ["code"]
        return [*super().get_readonly_fields(request, obj), *fixed, "worked_weekdays"]

    def get_fields(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        """Return the fields. To somebody who may only look, Django would show the weekdays as JSON."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        if obj.is_official:
            return ("code", "based_on")
        return (*self.fields[:-1], "worked_weekdays") if obj.based_on == BasedOn.WEEK else self.fields[:-1]

    @admin.display(description=_("working days of the week"))
    def worked_weekdays(self, row: Calendar) -> str:
        return ", ".join(str(name) for int_or, name in WEEKDAYS if int_or in row.weekdays)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "code" and field is not None:
            field.help_text = _("Tasks refer to the calendar by this code, so it can't be changed later.")
        return field

    def save_model(self, request: HttpRequest, obj: Calendar, form: Any, change: bool) -> None:
        if not change:
            calendar_acts.create(obj, actor(request))
            return
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        stored = Calendar.objects.get(pk=obj.pk)
        calendar_acts.change(stored, values, actor(request), timezone.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Add the tasks that fire by the calendars. They name one by its code: Django sees no relation there."""
        deleted, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        users = [
            gettext("task “%(name)s”") % {"name": name}
            for row in objs
            for name in calendar_acts.tasks_using(row)
        ]
        return deleted, counts, forbidden, [*protected, *users]

    def delete_model(self, request: HttpRequest, obj: Calendar) -> None:
        calendar_acts.delete(obj, actor(request))

    # --- the year

    def offers(self, request: HttpRequest, row: Any, *, in_list: bool = False) -> list[Offer]:
        """Return no buttons for the acts: the year has its own."""
        return []

    def page(self, request: HttpRequest, row: Calendar) -> dict[str, Any]:
        year = calendars.year_of(row, _year_shown(request))
        return {
            "year": year,
            "months": months_of(year.days, timezone.localdate()),
            "zh": reader_language() == "zh",
            "week": [name for _number, name in WEEKDAYS],
            "edited": sum(day.source == "edited" for day in year.days),
            "worked": sum(day.is_workday for day in year.days),
            "by_hand": year.year in calendars.row_with_days(row).confirmed_years,
            "guesses": row.based_on != BasedOn.WEEK,
            "on_days_off": row.based_on == BasedOn.CN_HOLIDAY,
            "may_edit": self.may(request, Role.ADMIN, row),
            "urls": {act.name: f"{self.url(act.name, row)}?year={year.year}" for act in self.acts},
            "before": year.year - 1 if year.year - 1 in YEARS else None,
            "after": year.year + 1 if year.year + 1 in YEARS else None,
        }

    def act_set_day(self, request: HttpRequest, row: Calendar) -> HttpResponse | None:
        """Switch the day to the other side. Where the calendar's base says the same, only the edit is taken back."""
        try:
            day = date.fromisoformat(request.POST.get("day", ""))
        except ValueError:
            return None
        if day.year in YEARS:
            self._set(request, row, [calendars.toggled_day(row, day)])
        return None

    def act_import_days(self, request: HttpRequest, row: Calendar) -> HttpResponse | None:
        default = request.POST.get("default") == "work"
        try:
            days = read_days(request.POST.get("days", ""), default)
        except ScheduleError as error:
            self.message_user(request, error.text(reader_language()), messages.ERROR)
            return None
        self._set(request, row, days)
        text = ngettext("%(count)d day is set.", "%(count)d days are set.", len(days))
        self.message_user(request, text % {"count": len(days)}, messages.SUCCESS)
        return None

    def act_confirm(self, request: HttpRequest, row: Calendar) -> HttpResponse | None:
        is_confirmed = "undo" not in request.POST
        calendar_acts.confirm(row, _year_shown(request), is_confirmed, actor(request))
        return None

    def _set(self, request: HttpRequest, row: Calendar, days: list[SetDay]) -> None:
        calendar_acts.set_days(row, days, actor(request), timezone.now())


def _year_shown(request: HttpRequest) -> int:
    """Return the year in the address, else this one."""
    year = int_or(request.GET.get("year"), 0)
    return year if year in YEARS else timezone.localdate().year
