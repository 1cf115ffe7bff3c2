"""The pages of backfills: how far each is, and a button that cancels it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.acts import backfills
from scheduling.admin.task_link import task_link, with_tasks, zone_of
from scheduling.models import Backfill, Trigger
from tenants.admin.access import actor
from tenants.admin.base import ReadOnlyAdmin
from tenants.admin.labels import Colour, label, moment
from tenants.admin.pages import TenantFilter
from tenants.admin.post_actions import Act

STATUSES: dict[str, tuple[Any, Colour]] = {
    "running": (_("running"), "info"),
    "done": (_("done"), "success"),
    "canceled": (_("canceled"), "default"),
}


def is_under_way(row: Backfill) -> bool:
    return row.status == "running"


@admin.register(Backfill)
class BackfillAdmin(ReadOnlyAdmin):
    acts = (
        Act(
            "cancel",
            _("Cancel"),
            "cancel",
            offered=is_under_way,
            confirm=_(
                "Stop this backfill? Runs that are waiting will not start, and those under way will be "
                "stopped."
            ),
            in_list=True,
        ),
    )
    teaches = _("A backfill runs a task for a past range of time. Start one from the task's page.")
    change_form_template = "platform/reloading.html"
    list_display = ("number", "state", "task_link", "range", "progress", "failed", "created", "tenant")
    list_display_links = ("number",)
    list_select_related = ("tenant",)
    list_filter = (TenantFilter,)
    sortable_by = ()
    fields = (
        ("state", "progress"),
        ("task_link", "range"),
        ("done", "failed"),
        ("max_parallel", "messages", "created_by"),
        ("created", "canceled"),
        "runs_link",
    )

    @admin.display(description="#")
    def number(self, row: Backfill) -> str:
        return f"#{row.pk}"

    @admin.display(description=_("status"))
    def state(self, row: Backfill) -> str:
        return label(*STATUSES[row.status])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_tasks(super().get_queryset(request))

    @admin.display(description=_("task"))
    def task_link(self, row: Backfill) -> str:
        return task_link(row)

    @admin.display(description=_("range"))
    def range(self, row: Backfill) -> str:
        return format_html("{} – {}", moment(row.from_at, zone_of(row)), moment(row.to_at, zone_of(row)))

    @admin.display(description=_("progress"))
    def progress(self, row: Backfill) -> str:
        return render_to_string("platform/progress.html", {"done": row.done, "total": row.total})

    @admin.display(description=_("messages"))
    def messages(self, row: Backfill) -> str:
        return gettext("one for each run") if row.sends_messages else gettext("one summary at the end")

    @admin.display(description=_("created"))
    def created(self, row: Backfill) -> str:
        return moment(row.created_at)

    @admin.display(description=_("canceled"))
    def canceled(self, row: Backfill) -> str:
        return moment(row.canceled_at)

    @admin.display(description=_("runs"))
    def runs_link(self, row: Backfill) -> str:
        query = urlencode({"task__id__exact": row.task_id, "trigger": Trigger.BACKFILL})
        url = f"{reverse('admin:scheduling_run_changelist')}?{query}"
        return format_html('<a class="link" href="{}">{}</a>', url, gettext("Backfilled runs of the task"))

    def page(self, request: HttpRequest, row: Backfill) -> dict[str, Any]:
        return {"under_way": is_under_way(row)}

    def act_cancel(self, request: HttpRequest, row: Backfill) -> None:
        if backfills.cancel(row, timezone.now(), actor(request)):
            self.message_user(request, gettext("Runs that are waiting will not start."), messages.SUCCESS)
        else:
            self.message_user(request, gettext("The backfill has already ended."), messages.WARNING)
