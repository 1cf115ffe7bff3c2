"""The page that a task opens with: what it is, when it runs next, how its runs went, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.framework.admin_lists import LinkFilteredChangeList
from notifications.admin.wording import status_label as delivery_label
from notifications.alert_marks import open_alerts
from notifications.alert_text import TITLES
from notifications.models import Delivery, Destination
from scheduling.acts.task_rules import schedule_problems
from scheduling.admin.preview import preview
from scheduling.admin.request_text import run_request
from scheduling.admin.strip import marks
from scheduling.admin.task_tabs import TaskTabs
from scheduling.admin.wording import duration, error_text, schedule_text, status_label
from scheduling.lifecycle import run_logs
from scheduling.lifecycle.result_messages import destinations_of
from scheduling.lifecycle.run_alerts import subject_of
from scheduling.models import Run, RunLine, ScheduledTask, runs_of
from tenants.admin.labels import clock, distance, moment
from tenants.admin.post_actions import Link
from tenants.models import Role

STRIP = 30
LISTED = 5
DUE_TIMES = 5
LAST_LINES = 12
LOOKED_THROUGH = 50  # deliveries, for the latest of each destination
LONG_COLUMNS = ("output", "result", "params", "timeline", "error")


class ListOfOverviews(LinkFilteredChangeList):
    """The list of tasks, whose names lead to the overviews."""

    def url_for_result(self, result: ScheduledTask) -> str:
        return reverse("admin:scheduling_scheduledtask_overview", args=[result.pk])


class OverviewPages(TaskTabs):
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ListOfOverviews]:
        return ListOfOverviews

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.overview_view)
        return [path("<int:object_id>/", view, name=self.url_name("overview")), *super().get_urls()]

    def overview_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        task, now = self.row_for(request, str(object_id), Role.VIEWER), timezone.now()
        runs = list(runs_of(task.pk, Run.objects.defer(*LONG_COLUMNS))[:STRIP])
        return self.show(
            request,
            "platform/task_overview.html",
            task.task_name,
            task,
            facts=list(_facts(task)),
            offers=self.offers(request, task),
            links=list(self._links(request, task)),
            switch=self._switch_url(request, task),
            run_with=self.url("run_with", task) if self.may(request, Role.OPERATOR, task) else "",
            curl=run_request(task.pk, params=task.input_params),
            schedule=schedule_text(task),
            due=_due_times(task, now),
            marks=marks(runs, now),
            durations=_durations(runs),
            recent=[_recent(run, task) for run in runs[:LISTED]],
            runs_url=f"{reverse('admin:scheduling_run_changelist')}?task__id__exact={task.pk}",
            last=_last_lines(runs),
            destinations=_destinations(task),
            alerts=_alerts(task, now),
        )

    def _links(self, request: HttpRequest, task: ScheduledTask) -> Iterator[Link]:
        if self.may(request, Role.OPERATOR, task):
            yield Link(self.url("backfill", task), _("Backfill"), "date_range")
        if task.hands_out_windows and self.may(request, Role.ADMIN, task):
            yield Link(self.url("cursor", task), _("Next window…"), "start")

    def _switch_url(self, request: HttpRequest, task: ScheduledTask) -> str:
        """Return where the switch posts to; "" for somebody who may not use it."""
        if not self.may(request, Role.OPERATOR, task):
            return ""
        return self.url("disable" if task.is_enabled else "enable", task)


def _facts(task: ScheduledTask) -> Iterator[tuple[Any, Any]]:
    yield _("kind"), task.get_execution_type_display()
    yield _("tenant"), task.tenant or _("none: a global task")
    yield _("last status"), status_label(task.last_run_status) or "–"
    yield _("version"), task.version
    if task.hands_out_windows:
        yield _("next window starts at"), moment(task.last_end_time, task.timezone) or "–"


def _due_times(task: ScheduledTask, now: datetime) -> dict[str, Any]:
    """Return the next due times with their distance, by the function that beat fires with."""
    if not task.is_enabled or list(schedule_problems(task)):
        return {}
    found = preview(task, now)
    times = [(moment(at, task.timezone), distance(at, now)) for at in found.times[:DUE_TIMES]]
    return {"times": times, "warnings": found.warnings}


def _durations(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Return what is usual among the runs; nothing where none has ended."""
    lengths = [run.duration_ms for run in runs if run.duration_ms is not None]
    if not lengths:
        return []
    return [
        (gettext("last"), duration(lengths[0])),
        (gettext("median"), duration(int(median(lengths)))),
        (gettext("longest"), duration(max(lengths))),
    ]


def _recent(run: Run, task: ScheduledTask) -> dict[str, Any]:
    return {
        "url": reverse("admin:scheduling_run_change", args=[run.pk]),
        "status": status_label(run.status),
        "at": moment(run.due_at or run.started_at or run.created_at, task.timezone),
        "took": duration(run.duration_ms),
        "why": error_text(run.error_code),
    }


def _last_lines(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the end of the log of the latest run that has begun."""
    begun = next((run for run in runs if run.first_started_at), None)
    if begun is None:
        return {}
    lines = list(RunLine.objects.filter(run=begun).order_by("-seq")[:LAST_LINES])[::-1]
    url = reverse("admin:scheduling_run_change", args=[begun.pk])
    shown = [(clock(line.at), line.stream, run_logs.plain(line.text)) for line in lines]
    return {"url": url, "lines": shown}


def _destinations(task: ScheduledTask) -> list[tuple[Destination, str, str, Delivery | None]]:
    """Return where the messages go, each with its page, and the label and row of its latest delivery."""
    rows = Delivery.objects.filter(task_id=task.pk).order_by("-task_id", "-id")
    latest: dict[tuple[int | None, int | None], Delivery] = {}
    for row in rows.defer("message", "sealed", "request", "response")[:LOOKED_THROUGH]:
        latest.setdefault((row.channel_id, row.wecom_app_id), row)
    return [_with_latest(destination, latest) for destination in destinations_of(task)]


def _with_latest(
    destination: Destination, latest: dict[tuple[int | None, int | None], Delivery]
) -> tuple[Destination, str, str, Delivery | None]:
    is_channel = destination._meta.model_name == "notifychannel"
    row = latest.get((destination.pk, None) if is_channel else (None, destination.pk))
    url = reverse(f"admin:notifications_{destination._meta.model_name}_change", args=[destination.pk])
    return destination, url, delivery_label(row) if row else "", row


def _alerts(task: ScheduledTask, now: datetime) -> list[tuple[str, str]]:
    return [
        (gettext(TITLES[mark.event]) % {"task": task.task_name}, distance(mark.sent_at, now))
        for mark in open_alerts(subject_of(task.pk), now)
    ]
