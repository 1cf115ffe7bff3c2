"""The pages of runs: the list, and a run's page with its timeline, live lines, deliveries, cancel and rerun."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.numbers import int_or
from notifications.admin import wording as delivery_wording
from notifications.models import Delivery
from scheduling import kinds
from scheduling.acts import runs
from scheduling.acts.runs import TaskDeletedError
from scheduling.admin.quick_filters import DayFilter, StatusFilter, TaskFilter, quick_filters
from scheduling.admin.task_link import task_link, task_of, with_tasks, zone_of
from scheduling.admin.timeline import draw
from scheduling.admin.wording import duration, error_text, refusal_text, status_label
from scheduling.kinds.dify.kind import DIFY
from scheduling.models import UNFINISHED, IncompleteTaskError, Run, RunLine, RunStatus, ScheduledTask, Trigger
from tenants.admin.access import actor
from tenants.admin.base import ReadOnlyAdmin
from tenants.admin.labels import as_json, clock, moment
from tenants.admin.pages import TenantFilter, choice_filter, latest_filter
from tenants.admin.post_actions import Act

LINES_AT_ONCE = 500
MAX_DELIVERIES = 50


def is_unfinished(run: Run) -> bool:
    return run.status in UNFINISHED


def is_finished(run: Run) -> bool:
    return run.status not in UNFINISHED


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    acts = (
        Act("cancel", _("Cancel"), "cancel", offered=is_unfinished, confirm=_("Stop this run?")),
        Act("rerun", _("Run again"), "replay", offered=is_finished),
    )
    teaches = _(
        "A run is one execution of a task: at a due time, or when somebody clicks “Run now”. Its "
        "log, result and messages are kept here."
    )
    change_form_template = "platform/run.html"
    change_form_outer_after_template = "platform/run_log.html"
    list_display = ("id", "state", "task_name", "kind", "trigger", "due", "started", "took", "why", "tenant")
    list_display_links = ("id", "task_name")
    list_select_related = ()  # see get_queryset
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
    facts = (
        ("state", "task_link"),
        ("why", "error"),
        ("due", "window"),
        ("started", "took"),
        ("trigger", "triggered_by"),
        ("tries", "worker"),
        ("tokens", "cost"),
        ("trace_id", "external_id"),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Run | None = None) -> Any:
        """Return the facts, without the rows that say nothing about this run."""
        rows = [row for row in self.facts if obj and _has_value(row[0], obj)]
        return [(None, {"fields": rows})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Load columns that may be long only when they are shown, and prefetch instead of joining.

        With a join, MySQL may rather hash the whole history than read a page of it by an index.
        """
        rows = with_tasks(super().get_queryset(request)).prefetch_related("tenant")
        return rows.defer("output", "params", "result", "timeline")

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

    @admin.display(description=_("window"))
    def window(self, row: Run) -> str:
        if row.window_end is None:
            return ""
        zone = zone_of(row)
        return format_html("{} – {}", moment(row.window_start, zone), moment(row.window_end, zone))

    @admin.display(description=_("attempt"))
    def tries(self, row: Run) -> str:
        """Return the attempt, and how many the task allows now."""
        task = ScheduledTask.objects.filter(pk=row.task_id).only("retry_count").first()
        return f"{row.attempt} / {max(task.retry_count + 1, row.attempt)}" if task else str(row.attempt)

    @admin.display(description=_("task"))
    def task_link(self, row: Run) -> str:
        if task_of(row) is None:
            return task_link(row, row.task_name)
        versions = reverse("admin:scheduling_scheduledtask_versions", args=[row.task_id])
        return format_html(
            '{} <a class="link" href="{}?new={}#differences">v{}</a>',
            task_link(row, row.task_name),
            versions,
            row.task_version,
            row.task_version,
        )

    # --- page

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.lines_view)
        return [path("<path:object_id>/lines/", view, name=self.url_name("lines")), *super().get_urls()]

    def lines_view(self, request: HttpRequest, object_id: str) -> JsonResponse:
        """Answer with the lines after `?after=seq`.

        {"lines": [[seq, at, stream, text]…], "after": seq, "status": …, "timeline": HTML or ""}

        `status` is read before the lines: a run that has ended has no lines but these and those of the next pages, and
        its timeline stands in the page.
        """
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404
        after = int_or(request.GET.get("after"), 0)
        lines = _lines_after(run, after)
        rows = [[line.seq, clock(line.at), line.stream, line.text] for line in lines]
        last = lines[-1].seq if lines else after
        answer = {"lines": rows, "after": last, "status": run.status}
        return JsonResponse(answer | {"timeline": _timeline_html(run) if is_unfinished(run) else ""})

    def page(self, request: HttpRequest, row: Run) -> dict[str, Any]:
        lines = _lines_after(row, 0)
        return {
            "timeline": _timeline_html(row),
            "lines": [(clock(line.at), line) for line in lines],
            "last_seq": lines[-1].seq if lines else 0,
            "lines_url": self.url("lines", row),
            "given": as_json(row.params),
            "gave": as_json(row.result),
            "deliveries": [
                (
                    one,
                    delivery_wording.status_label(one),
                    moment(one.sent_at, zone_of(row)),
                    delivery_wording.outcome_text(one),
                )
                for one in _delivery_rows(row)
            ],
        }

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


def _has_value(fact: str, run: Run) -> bool:
    match fact:
        case "why":
            return bool(run.error_code or run.error)
        case "tokens":
            return run.tokens is not None
    return True


def _delivery_rows(run: Run) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(log_id=run.pk).select_related("channel", "wecom_app")
    return rows.order_by("id")[:MAX_DELIVERIES]


def _timeline_html(run: Run) -> str:
    """Draw a Dify run's nodes as HTML, also while it goes on; "" where there are none."""
    if run.execution_type != DIFY.name:
        return ""
    began = run.started_at if run.status == RunStatus.RUNNING else None
    timeline = draw(run.timeline, (timezone.now() - began).total_seconds() if began else None)
    return render_to_string("platform/timeline.html", {"picture": timeline}) if timeline else ""


def _lines_after(run: Run, after: int) -> list[RunLine]:
    return list(RunLine.objects.filter(run_id=run.pk, seq__gt=after).order_by("seq")[:LINES_AT_ONCE])
