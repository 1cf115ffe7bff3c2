"""The columns of a schedule as a form; what is wrong stands beside its field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from scheduling.acts.task_rules import TaskProblem, reader_language, schedule_problems
from scheduling.models import Calendar, ScheduledTask
from tenants.access import SYSTEM, Actor
from tenants.admin.access import tenant_codes
from tenants.admin.write_only import WriteOnlyForm
from tenants.models import Role

SCHEDULE_FIELDS = (
    "schedule_type",
    "time_points",
    "cron_expression",
    "interval_minutes",
    "run_at",
    "timezone",
    "calendar",
    "calendar_policy",
    "start_at",
    "end_at",
    "spread_seconds",
    "use_windows",
)
MOMENTS = ("run_at", "start_at", "end_at")
MAX_CALENDARS = 500
BETWEEN_POINTS = re.compile(r"[\s,;，；、\[\]\"']+")


class TimePointsField(forms.CharField):
    """Time points: `08:00, 12:30:15` for people, `["08:00", "12:30:15"]` in the column. It reads the JSON, too."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return sorted({point for point in BETWEEN_POINTS.split(value or "") if point})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class ScheduleForm(WriteOnlyForm):
    """The columns of a schedule. `who` decides what there is to choose from."""

    who: Actor = SYSTEM

    calendar = forms.CharField(label=_("calendar"), required=False, widget=UnfoldAdminSelectWidget)
    time_points = TimePointsField(
        label=_("time points"),
        required=False,
        help_text=_("The task runs every day at these times, for example 08:00, 12:30, 18:00:30."),
    )

    class Meta:
        model = ScheduledTask
        fields = SCHEDULE_FIELDS
        field_classes = dict.fromkeys(MOMENTS, forms.SplitDateTimeField)  # as the admin's widgets send them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "calendar" in self.fields:
            self.fields["calendar"].widget.choices = [("", _("every day")), *self._calendars()]

    def _calendars(self) -> list[tuple[str, str]]:
        """Return the choices: everybody's calendars and those of the task's tenant.

        Where the tenant is still to be chosen, they are those of every tenant that the user administers.
        """
        of_tenant = Q(tenant_id=self.instance.tenant_id)
        if self.instance.tenant_id is None:
            of_tenant = (
                ~Q(tenant=None)
                if self.who.everything
                else Q(tenant_id__in=tenant_codes(self.who, Role.ADMIN))
            )
        rows = Calendar.objects.filter(Q(tenant=None) | of_tenant).select_related("tenant")[:MAX_CALENDARS]
        named = (
            self.instance.calendar
        )  # stays a choice even where it is gone: the form says so and takes no other
        return list((({named: named} if named else {}) | {row.code: self._name(row) for row in rows}).items())

    def _name(self, row: Calendar) -> str:
        """Return the calendar's name, with its tenant where the task's own is still to be chosen."""
        is_chosen = self.instance.tenant_id or not row.tenant
        return row.shown_name if is_chosen else f"{row.shown_name} · {row.tenant}"

    def problems(self) -> Iterator[TaskProblem]:
        for problem in schedule_problems(self.instance):
            yield TaskProblem(problem.field, problem.text(reader_language()))

    def _post_clean(self) -> None:
        """Check the schedule, at Django's hook after the instance has been filled in."""
        super()._post_clean()  # type: ignore[misc]  # private, but the one place between filling and saving
        unreadable = set(self.errors)  # what the instance holds there is not what was entered
        for problem in self.problems():
            if problem.field not in unreadable:
                self.add_error(problem.field if problem.field in self.fields else None, problem.message)
