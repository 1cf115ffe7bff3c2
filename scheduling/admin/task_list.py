"""The list of tasks: its columns, filters and search."""

from __future__ import annotations

from typing import Any, get_args

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from scheduling import kinds
from scheduling.admin.tags import TagFilter
from scheduling.admin.wording import schedule_text, status_label
from scheduling.models import LastRunStatus, RunStatus, ScheduledTask, ScheduleType
from scheduling.planning import calendars
from tenants.admin.base import ScopedAdmin
from tenants.admin.labels import label, moment
from tenants.admin.pages import TenantFilter, choice_filter
from tenants.models import Role

LAST_STATUSES = [(status, RunStatus(status).label) for status in get_args(LastRunStatus)]


class TaskList(ScopedAdmin):
    teaches = _(
        "A task calls a Dify app, calls a webhook or runs a Python script at the times you set, "
        "and sends the result to your chat groups."
    )
    list_display = ("task_name", "kind", "schedule", "next_run", "last_status", "tenant", "switch")
    list_select_related = ("tenant",)
    list_filter = (
        TenantFilter,
        TagFilter,
        choice_filter("execution_type", _("kind"), kinds.choices()),
        choice_filter("schedule_type", _("schedule"), list(ScheduleType.choices)),
        choice_filter("last_run_status", _("last status"), LAST_STATUSES),
        choice_filter("is_enabled", _("enabled"), [("True", _("Yes")), ("False", _("No"))]),
    )
    search_fields = ("task_name", "task_desc")
    list_per_page = 50

    @admin.display(description=_("kind"), ordering="execution_type")
    def kind(self, row: ScheduledTask) -> str:
        return label(row.get_execution_type_display(), "default")

    @admin.display(description=_("schedule"))
    def schedule(self, row: ScheduledTask) -> str:
        return format_html('<span class="wrap">{}</span>', schedule_text(row))

    @admin.display(description=_("next run"), ordering="next_run_at")
    def next_run(self, row: ScheduledTask) -> str:
        return moment(row.next_run_at, row.timezone) if row.is_enabled else ""

    @admin.display(description=_("last status"), ordering="last_run_at")
    def last_status(self, row: ScheduledTask) -> str:
        return format_html(
            '<span title="{}">{}</span>', row.last_run_message, status_label(row.last_run_status)
        )

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = super().get_list_display(request)
        return [self._switch_column(request) if column == "switch" else column for column in columns]

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

    def switch(self, row: ScheduledTask) -> None:
        """Hold the place of the column of that name in `list_display`: that one has to know who is looking."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        calendars.preload(changelist.result_list)
        return changelist
