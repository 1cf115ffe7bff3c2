"""Endpoints under /api/task-logs: runs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from common.rest.answers import answers
from common.rest.paging import PageOf, page_of
from common.rest.problems import ConflictError
from scheduling.acts import runs
from scheduling.api import long_polling
from scheduling.api.run_refusals import no_run_conflicts
from scheduling.api.run_schemas import (
    Lines,
    LinesQuery,
    LogFilters,
    RunAsked,
    RunFilters,
    RunRow,
    RunShown,
    has_news,
)
from scheduling.lifecycle import run_logs
from scheduling.models import UNFINISHED, Run, RunLine, RunStatus, runs_of
from tenants.access import Actor, visible_to
from tenants.api.auth import caller
from tenants.api.scope import allowed_row, visible_row
from tenants.models import Role

router = Router(tags=["Runs"])
SEARCHED = 20_000
ENDED = set(RunStatus.values) - set(UNFINISHED)
CONDITIONS = {
    "tenant_id": "tenant_id",
    "status": "status",
    "trigger": "trigger",
    "error_code": "error_code",
    "trace_id": "trace_id",
    "due_from": "due_at__gte",
    "due_to": "due_at__lt",
    "created_from": "created_at__gte",
    "created_to": "created_at__lt",
    "before_id": "id__lt",
}


@router.get("", response=answers({200: PageOf[RunRow]}, 422), summary="List runs")
def list_runs(request: HttpRequest, query: Query[RunFilters]) -> Any:
    return visible_page(caller(request), query)


def visible_page(actor: Actor, query: RunFilters) -> dict[str, Any]:
    is_whole = actor.everything and query.tenant_id is None and query.before_id is None
    rows = visible_to(Run.objects.all(), actor)
    return page_of_runs(rows, query, query.task_id, is_whole=is_whole)


def page_of_runs(
    rows: QuerySet[Run], query: LogFilters, task_id: int | None, *, is_whole: bool = False
) -> dict[str, Any]:
    """Return a page of the runs that the query asks for, of one task or of all.

    Of all tasks, a range of times comes in the order of those times, which an index has, unless the query orders it.
    `is_whole`: the whole table is searched, from its end.
    """
    conditions = query.model_dump(include=set(CONDITIONS), exclude_none=True)
    rows = rows.filter(**{CONDITIONS[name]: value for name, value in conditions.items()})
    rows = rows if task_id is None else runs_of(task_id, rows)
    # Runs that have ended meet this anyway; named, it lets an index give the status in the order of the ids.
    latest = rows.filter(published_at=None) if is_whole and query.status in ENDED else rows
    rows = _search(rows, latest, query.search) if query.search else latest
    rows = _ordered(rows, query, by_time=task_id is None)
    return page_of(rows.defer("output", "result", "timeline"), query)


def _ordered(rows: QuerySet[Run], query: LogFilters, *, by_time: bool) -> QuerySet[Run]:
    """Order the rows, which come with the newest first."""
    if by_time and not query.model_fields_set & {"ordering", "before_id"}:
        if query.due_from or query.due_to:
            return rows.order_by("-due_at", "-id")
        if query.created_from or query.created_to:
            return rows.order_by("-created_at", "-id")
    return rows if query.ordering == "-id" else rows.reverse()


def _search(rows: QuerySet[Run], latest: QuerySet[Run], text: str) -> QuerySet[Run]:
    """Filter by a text in the task's name or the error.

    Neither has an index: only the latest runs that the other filters leave are searched.
    """
    # The name is read because no index has it: MySQL reads an index that has all columns whole, and sorts it.
    oldest = latest.values_list("pk", "task_name")[SEARCHED : SEARCHED + 1]
    found = [rows.filter(pk__gt=pk) for pk, _name in oldest] or [latest]
    return found[0].filter(Q(task_name__icontains=text) | Q(error__icontains=text))


@router.get("/{int:log_id}", response=answers({200: RunShown}, 404), summary="Read a run")
def get_run(request: HttpRequest, log_id: int) -> Any:
    """While the run goes on, `output` holds the lines so far."""
    run = visible_row(Run.objects.all(), caller(request), pk=log_id)
    if run.status in UNFINISHED:
        run.output = run_logs.joined(run.pk)
    return run


@router.get("/{int:log_id}/lines", response=answers({200: Lines}, 404, 422), summary="Read a run's live log")
def get_run_lines(request: HttpRequest, log_id: int, query: Query[LinesQuery]) -> Any:
    actor = caller(request)
    return long_polling.until(has_news, lambda: _lines(actor, log_id, query), query.wait)


def _lines(actor: Actor, log_id: int, query: LinesQuery) -> dict[str, Any]:
    # The status is read before the lines: where a run ends in between, the caller asks again and misses no line.
    run = visible_row(Run.objects.only("pk", "status", "tenant_id"), actor, pk=log_id)
    lines = list(RunLine.objects.filter(run_id=log_id, seq__gt=query.after).order_by("seq")[: query.limit])
    return {
        "items": lines,
        "next_after": lines[-1].seq if lines else query.after,
        "finished": run.status not in UNFINISHED and len(lines) < query.limit,
    }


@router.post("/{int:log_id}/cancel", response=answers({202: RunShown}, 403, 404, 409), summary="Cancel a run")
def cancel_run(request: HttpRequest, log_id: int) -> Any:
    """A queued run ends at once, a running one within seconds."""
    actor = caller(request)
    run = allowed_row(Run.objects.all(), actor, Role.OPERATOR, pk=log_id)
    if not runs.cancel(run, actor, timezone.now()):
        raise ConflictError(_("The run has already ended."), code="ended")
    run.refresh_from_db()
    return Status(202, run)


@router.post("/{int:log_id}/rerun", response=answers({202: RunAsked}, 403, 404, 409), summary="Run again")
def rerun_run(request: HttpRequest, log_id: int) -> Any:
    """The new run has the same parameters and window, and uses the task's present settings."""
    actor = caller(request)
    old = allowed_row(Run.objects.all(), actor, Role.OPERATOR, pk=log_id)
    with no_run_conflicts():
        run = runs.rerun(old, actor, timezone.now())
    return Status(202, {"log_id": run.pk, "trace_id": run.trace_id})
