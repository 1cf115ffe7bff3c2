"""The list of tasks: its columns, filters and search."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling import kinds
from scheduling.admin.strip import marks
from scheduling.admin.tags import TagFilter
from scheduling.admin.task_bulk import TaskBulk
from scheduling.admin.wording import schedule_text
from scheduling.models import LastRunStatus, Run, RunStatus, ScheduledTask, ScheduleType, latest_of_each
from scheduling.planning import calendars
from tenants.admin.labels import moment_from_now
from tenants.admin.pages import TenantFilter, choice_filter
from tenants.models import Role

LAST_STATUSES = [(status, RunStatus(status).label) for status in get_args(LastRunStatus)]
STRIP = 14
MARKED_COLUMNS = (
    "task_id",
    "status",
    "due_at",
    "created_at",
    "first_started_at",
    "started_at",
    "duration_ms",
    "error_code",
)


class TaskList(TaskBulk):
    teaches = _(
        "A task calls a Dify app, calls a webhook or runs a Python script at the times you set, "
        "and sends the result to your chat groups."
    )
    list_display = ("name", "next_run", "strip", "tenant", "switch")
    list_select_related = ("tenant",)
    list_filter = (
        TenantFilter,
        TagFilter,
        choice_filter("execution_type", _("kind"), kinds.choices()),
        choice_filter("schedule_type", _("schedule"), list(ScheduleType.choices)),
        choice_filter("last_run_status", _("last status"), LAST_STATUSES),
        choice_filter("is_enabled", _("enabled"), [("True", _("Yes")), ("False", _("No"))]),
    )
    search_fields = ("task_name", "task_desc", "script_content", "dify_url")
    search_help_text = _("name, description, script or Dify's address")
    list_per_page = 50

    @admin.display(description=_("task"), ordering="task_name")
    def name(self, row: ScheduledTask) -> str:
        return render_to_string("platform/task_cell.html", {"row": row, "schedule": schedule_text(row)})

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns. Those that depend on the reader or the time are made for each request."""
        now = timezone.now()
        made = {
            "next_run": _next_run_column(now),
            "strip": _strip_column(now),
            "switch": self._switch_column(request),
        }
        columns = super().get_list_display(request)
        return [made.get(column, column) if isinstance(column, str) else column for column in columns]

    def _switch_column(self, request: HttpRequest) -> Any:
        @admin.display(description=_("enabled"), ordering="is_enabled")
        def switch(row: ScheduledTask) -> str:
            context = {
                "row": row,
                "url": self.url("disable" if row.is_enabled else "enable", row),
                "may": self.may(request, Role.OPERATOR, row),
            }
            return render_to_string("platform/switch.html", context)

        return switch

    def next_run(self, row: ScheduledTask) -> None:
        """Hold the place of the column of that name in `list_display`, as the two below do."""

    def strip(self, row: ScheduledTask) -> None:
        """Hold the place of the column of that name."""

    def switch(self, row: ScheduledTask) -> None:
        """Hold the place of the column of that name."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, with what its rows need beside themselves: calendars, and the latest runs."""
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        calendars.preload(rows)
        latest = latest_of_each([row.pk for row in rows], Run.objects.only(*MARKED_COLUMNS), STRIP)
        for row in rows:
            row.latest_runs = latest[row.pk]
        changelist.result_list = rows
        return changelist


def _next_run_column(now: datetime) -> Any:
    @admin.display(description=_("next run"), ordering="next_run_at")
    def next_run(row: ScheduledTask) -> str:
        return moment_from_now(row.next_run_at, now, row.timezone) if row.is_enabled else ""

    return next_run


def _strip_column(now: datetime) -> Any:
    @admin.display(description=_("latest runs"), ordering="last_run_at")
    def strip(row: Any) -> str:
        return render_to_string(
            "platform/strip.html", {"marks": marks(row.latest_runs, now), "in_list": True}
        )

    return strip
