"""The columns of a schedule as a form; what is wrong stands beside its field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from scheduling.engine.flaws import Flaw, reader_language
from scheduling.engine.plan import schedule_of
from scheduling.models import ScheduledTask
from scheduling.schedule.validate import problems
from tenants.admin.write_only import WriteOnlyForm

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
    "last_end_time",
)
MOMENTS = ("run_at", "start_at", "end_at", "last_end_time")
BETWEEN_POINTS = re.compile(r"[\s,;，；、\[\]\"']+")


class TimePointsField(forms.CharField):
    """`08:00, 12:30:15` for people, `["08:00", "12:30:15"]` in the column; the column's JSON is read, too."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return sorted({point for point in BETWEEN_POINTS.split(value or "") if point})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class ScheduleForm(WriteOnlyForm):
    time_points = TimePointsField(
        label=_("time points"),
        required=False,
        help_text=_("Every day at these times: 08:00, 12:30, 18:00:30."),
    )

    class Meta:
        model = ScheduledTask
        fields = SCHEDULE_FIELDS
        field_classes = dict.fromkeys(MOMENTS, forms.SplitDateTimeField)  # as the admin's widgets send them

    def flaws(self) -> Iterator[Flaw]:
        for problem in problems(schedule_of(self.instance)):
            yield Flaw(problem.field, problem.text(reader_language()))

    def _post_clean(self) -> None:
        """Django's seam where the instance has been filled in."""
        super()._post_clean()  # type: ignore[misc]  # private, but the one place between filling and saving
        unreadable = set(self.errors)  # what the instance holds there is not what was entered
        for flaw in self.flaws():
            if flaw.field not in unreadable:
                self.add_error(flaw.field if flaw.field in self.fields else None, flaw.message)
