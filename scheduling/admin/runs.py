"""The list of runs, and what can be done with one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling import kinds
from scheduling.acts import runs
from scheduling.acts.runs import TaskDeletedError
from scheduling.admin.quick_filters import DayFilter, StatusFilter, TaskFilter, quick_filters
from scheduling.admin.run_bulk import RunBulk
from scheduling.admin.run_page import RunPage
from scheduling.admin.task_link import with_tasks, zone_of
from scheduling.admin.wording import duration, error_text, refusal_text, status_label
from scheduling.models import UNFINISHED, IncompleteTaskError, Run, Trigger
from tenants.admin.access import actor
from tenants.admin.labels import moment
from tenants.admin.pages import TenantFilter, choice_filter, latest_filter
from tenants.admin.post_actions import Act

LINES_AT_ONCE = 500
MAX_DELIVERIES = 50


def is_unfinished(run: Run) -> bool:
    return run.status in UNFINISHED


def is_finished(run: Run) -> bool:
    return run.status not in UNFINISHED


@admin.register(Run)
class RunAdmin(RunBulk, RunPage):
    acts = (
        Act("cancel", _("Cancel"), "cancel", offered=is_unfinished, confirm=_("Stop this run?")),
        Act("rerun", _("Run again"), "replay", offered=is_finished),
    )
    teaches = _(
        "A run is one execution of a task: at a due time, or when somebody clicks “Run now”. Its "
        "log, result and messages are kept here."
    )
    list_display = ("id", "state", "task_name", "kind", "trigger", "due", "started", "took", "why", "tenant")
    list_display_links = ("id", "task_name")
    list_select_related = ("tenant",)
    list_before_template = "platform/quick_filters.html"
    list_filter = (
        ("task", TaskFilter),
        DayFilter,
        TenantFilter,
        StatusFilter,
        choice_filter("trigger", _("trigger"), list(Trigger.choices)),
        latest_filter("execution_type", _("kind"), kinds.choices()),
    )
    search_fields = ("trace_id",)
    search_help_text = _("trace id")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the runs without the columns that may be long: these are read where they are shown."""
        return with_tasks(super().get_queryset(request)).defer("output", "params", "result", "timeline")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(
            request, {"quick": quick_filters(request, timezone.localdate()), **(extra_context or {})}
        )

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Order by time for a day, and for the few runs that have not ended; else by id.

        An index of status and time finds the former in this order, and an index of task and id one task's.
        """
        if request.GET.get("status") in UNFINISHED or request.GET.get("day"):
            return ["-not_before", "-id"]
        return ["-task_id", "-id"] if request.GET.get("task__id__exact") else ["-id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Filter by a whole trace id. It has an index, the texts have none."""
        term = search_term.strip()
        return (queryset.filter(trace_id=term) if term else queryset), False

    # --- columns

    @admin.display(description=_("status"))
    def state(self, row: Run) -> str:
        return status_label(row.status)

    @admin.display(description=_("kind"))
    def kind(self, row: Run) -> str:
        return row.get_execution_type_display()

    @admin.display(description=_("due"))
    def due(self, row: Run) -> str:
        return moment(row.due_at, zone_of(row))

    @admin.display(description=_("started"))
    def started(self, row: Run) -> str:
        return moment(row.started_at, zone_of(row))

    @admin.display(description=_("duration"))
    def took(self, row: Run) -> str:
        return duration(row.duration_ms)

    @admin.display(description=_("reason"))
    def why(self, row: Run) -> str:
        text = error_text(row.error_code)
        return format_html('<span class="wrap" title="{}">{}</span>', row.error_code, text) if text else ""

    # --- acts

    def act_cancel(self, request: HttpRequest, row: Run) -> None:
        done = runs.cancel(row, actor(request), timezone.now())
        text = gettext("The run is being stopped.") if done else gettext("The run has already ended.")
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)

    def act_rerun(self, request: HttpRequest, row: Run) -> HttpResponse | None:
        try:
            run = runs.rerun(row, actor(request), timezone.now())
        except (TaskDeletedError, IncompleteTaskError) as error:
            self.message_user(request, refusal_text(error), messages.ERROR)
            return None
        return HttpResponseRedirect(self.url("change", run))
