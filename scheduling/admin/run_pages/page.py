"""A run's page: its parts, what a page that stays open asks for, its log as a file, and the script that it ran."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.numbers import int_or
from scheduling.admin.run_pages import parts as run_parts
from scheduling.admin.run_pages.course import is_open
from scheduling.admin.task_link import task_of
from scheduling.lifecycle import run_logs
from scheduling.models import UNFINISHED, Run, RunLine, TaskVersion
from tenants.admin.base import ReadOnlyAdmin
from tenants.admin.labels import clock
from tenants.admin.post_actions import Link
from tenants.models import Role

LINES_AT_ONCE = 500
LONG_COLUMNS = ("params", "result", "timeline")  # the list leaves them out


class RunPage(ReadOnlyAdmin):
    def get_urls(self) -> list[Any]:
        pages = {"live": self.live_view, "log": self.log_view, "script": self.script_view}
        return [*(self.page_url(name, view) for name, view in pages.items()), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        run = self._run(request, object_id)
        return self.show(
            request,
            "platform/run/page.html",
            str(run),
            run,
            parts=self._parts(request, run, run_parts.deliveries_of(run)),
            live_url=self.url("live", run),
            log_url=self.url("log", run),
        )

    def live_view(self, request: HttpRequest, object_id: str) -> JsonResponse:
        """Answer with the lines after `?after=seq` and, once there are no more, with the page's parts.

        {"lines": [[seq, at, stream, text]…], "after": seq, "parts": {name: HTML}, "has_more": …, "is_open": …}

        The run is read before its lines and its messages: one that has ended has no others.
        """
        run = self._run(request, object_id)
        after = int_or(request.GET.get("after"), 0)
        lines = list(RunLine.objects.filter(run_id=run.pk, seq__gt=after).order_by("seq")[:LINES_AT_ONCE])
        answer: dict[str, Any] = {
            "lines": [[line.seq, clock(line.at), line.stream, line.text] for line in lines],
            "after": lines[-1].seq if lines else after,
            "has_more": len(lines) == LINES_AT_ONCE,
        }
        if not answer["has_more"]:
            deliveries = run_parts.deliveries_of(run)
            parts = self._parts(request, run, deliveries)
            answer |= {"parts": parts, "is_open": is_open(run, deliveries)}
        return JsonResponse(answer)

    def log_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer with the whole log as a text file."""
        run = self.row_for(request, object_id, Role.VIEWER)
        headers = {"Content-Disposition": f'attachment; filename="run-{run.pk}.log"'}
        return HttpResponse(run_logs.joined(run.pk), "text/plain; charset=utf-8", headers=headers)

    def script_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the script of the run's version with numbered lines, so that `#line-7` leads to one."""
        run = self.row_for(request, object_id, Role.VIEWER)
        version = TaskVersion.objects.filter(task_id=run.task_id, version=run.task_version).first()
        script = version.fields.get("script_content") if version else None
        if not script:
            raise Http404
        title = _("Script in version %(version)d") % {"version": run.task_version}
        lines = list(enumerate(script.split("\n"), 1))
        return self.show(request, "platform/run/script.html", title, run, lines=lines)

    def _run(self, request: HttpRequest, object_id: str) -> Run:
        """Return the run with all that its page shows. Raises Http404, PermissionDenied."""
        run: Run = self.row_for(request, object_id, Role.VIEWER)
        run.refresh_from_db(fields=LONG_COLUMNS)
        return run

    def _parts(self, request: HttpRequest, run: Run, deliveries: list[Any]) -> dict[str, str]:
        offers = self.offers(request, run)
        return run_parts.parts(request, run, deliveries, offers, self._links(request, run), timezone.now())

    def _links(self, request: HttpRequest, run: Run) -> list[Link]:
        links = []
        is_over = run.status not in UNFINISHED and task_of(run) is not None
        if is_over and self.may(request, Role.OPERATOR, run):
            edit = reverse("admin:scheduling_scheduledtask_run_with", args=[run.task_id])
            links.append(Link(f"{edit}?from={run.pk}", _("Edit and run again"), "edit_note"))
        if self.may(request, Role.ADMIN, run):
            links.append(Link(self.url("history", run), _("History"), "history"))
        return links
