"""Runs: the list, and a run's page with its live lines, its deliveries, cancel and rerun."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.models import Delivery
from scheduling.admin.words import error_words, status_label
from scheduling.engine import requests, transitions
from scheduling.models import UNFINISHED, ExecutionType, Run, RunLine, RunStatus, ScheduledTask, Trigger
from tenants import audit
from tenants.admin.access import actor
from tenants.admin.acts import Act
from tenants.admin.base import ReadOnlyAdmin
from tenants.admin.labels import as_json, moment
from tenants.admin.pages import CappedPaginator, TenantFilter, choice_filter

LINES_AT_ONCE = 500


def unfinished(run: Run) -> bool:
    return run.status in UNFINISHED


def finished(run: Run) -> bool:
    return run.status not in UNFINISHED


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    acts = (
        Act("cancel", _("Cancel"), "cancel", offered=unfinished, confirm=_("End this run?")),
        Act("rerun", _("Run again"), "replay", offered=finished),
    )
    paginator = CappedPaginator
    change_form_template = "platform/run.html"
    change_form_outer_after_template = "platform/run_log.html"
    list_display = ("id", "state", "task_name", "kind", "trigger", "due", "started", "took", "why", "tenant")
    list_display_links = ("id", "task_name")
    list_select_related = ("tenant",)
    list_filter = (
        TenantFilter,
        choice_filter("status", _("status"), list(RunStatus.choices)),
        choice_filter("execution_type", _("kind"), list(ExecutionType.choices)),
        choice_filter("trigger", _("trigger"), list(Trigger.choices)),
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
        ("attempt", "worker"),
        ("trace_id", "external_id"),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Run | None = None) -> Any:
        """Without the row of errors where there is none."""
        rows = [row for row in self.facts if row[0] != "why" or (obj and (obj.error_code or obj.error))]
        return [
            (None, {"fields": rows}),
            (_("What it was given, what it gave"), {"fields": ("given", "gave")}),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("output")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole trace ids only: they have an index, the texts have none."""
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
        return moment(row.due_at)

    @admin.display(description=_("started"))
    def started(self, row: Run) -> str:
        return moment(row.started_at)

    @admin.display(description=_("duration"))
    def took(self, row: Run) -> str:
        return "" if row.duration_ms is None else f"{row.duration_ms / 1000:,.2f} s"

    @admin.display(description=_("reason"))
    def why(self, row: Run) -> str:
        words = error_words(row.error_code)
        return format_html('<span class="wrap" title="{}">{}</span>', row.error_code, words) if words else ""

    @admin.display(description=_("window"))
    def window(self, row: Run) -> str:
        return f"{moment(row.window_start)} – {moment(row.window_end)}" if row.window_end else ""

    @admin.display(description=_("task"))
    def task_link(self, row: Run) -> str:
        """A deleted task's runs stay: then there is nothing to link to."""
        if not ScheduledTask.objects.filter(pk=row.task_id).exists():
            return gettext("%(name)s (deleted)") % {"name": row.task_name}
        url = reverse("admin:scheduling_scheduledtask_change", args=[row.task_id])
        return format_html('<a class="link" href="{}">{}</a> v{}', url, row.task_name, row.task_version)

    @admin.display(description=_("parameters"))
    def given(self, row: Run) -> str:
        return as_json(row.params)

    @admin.display(description=_("result"))
    def gave(self, row: Run) -> str:
        return as_json(row.result)

    # --- page

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.lines_view)
        return [path("<path:object_id>/lines/", view, name=self.url_name("lines")), *super().get_urls()]

    def lines_view(self, request: HttpRequest, object_id: str) -> JsonResponse:
        """`?after=seq` → {"lines": [[seq, at, stream, text]…], "after": seq, "status": …}.

        `status` is read before the lines: one that has ended has no more to come than these and the next pages.
        """
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404
        after = request.GET.get("after", "0")
        lines = _lines(run, int(after) if after.isascii() and after.isdigit() else 0)
        shown = [[line.seq, moment(line.at)[11:], line.stream, line.text] for line in lines]
        last = lines[-1].seq if lines else after
        return JsonResponse({"lines": shown, "after": last, "status": run.status})

    def page(self, request: HttpRequest, row: Run) -> dict[str, Any]:
        lines = _lines(row, 0)
        return {
            "lines": [(moment(line.at)[11:], line) for line in lines],
            "last_seq": lines[-1].seq if lines else 0,
            "deliveries": Delivery.objects.filter(log_id=row.pk)
            .select_related("channel", "wecom_app")
            .order_by("id")[:50],
            "lines_url": self.url("lines", row),
        }

    # --- acts

    def act_cancel(self, request: HttpRequest, row: Run) -> None:
        who = actor(request)
        with transaction.atomic():
            done = transitions.cancel(row, timezone.now(), who.username)
            if done:
                audit.record(who, "cancel", row)
        text = gettext("The run is told to end.") if done else gettext("The run has ended already.")
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)

    def act_rerun(self, request: HttpRequest, row: Run) -> HttpResponse | None:
        who, task = actor(request), _task_of(row)
        if task is None:
            self.message_user(request, gettext("Its task has been deleted."), messages.ERROR)
            return None
        with transaction.atomic():
            run = requests.rerun(row, task, timezone.now(), who.username)
            audit.record(who, "rerun", row, {"log_id": run.pk})
        return HttpResponseRedirect(self.url("change", run))


def _task_of(run: Run) -> ScheduledTask | None:
    return ScheduledTask.objects.filter(pk=run.task_id).first()


def _lines(run: Run, after: int) -> list[RunLine]:
    return list(RunLine.objects.filter(run_id=run.pk, seq__gt=after).order_by("seq")[:LINES_AT_ONCE])
