"""Endpoints of the first of the two old systems, with its field names, for the default Dify task.

/api/config, /api/task/start, /api/task/stop, /api/task/execute, /api/logs
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from common.masked_input import unmasked
from common.redact import mask_value
from common.rest.answers import answers
from common.rest.fields import Digits, Fields, Filters, WebAddress, parse_moment
from common.rest.paging import Page
from common.rest.problems import FieldError, UnprocessableError, invalid
from scheduling.acts import default_task, runs
from scheduling.api.run_refusals import no_run_conflicts
from scheduling.api.task_schemas import ruled
from scheduling.api.tasks import valid_task
from scheduling.models import IncompleteTaskError, Run, ScheduledTask, runs_of
from scheduling.schedule.validate import MAX_INTERVAL_MINUTES
from tenants.access import Actor
from tenants.api.auth import caller
from tenants.api.scope import require_superuser

router = Router(tags=["Default Dify task"])
FORMAT = "%Y-%m-%d %H:%M:%S"
LOCAL = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?")


class DefaultConfig(Schema):
    id: int
    interval_minutes: int
    is_active: bool
    last_end_time: str | None = Field(
        description="YYYY-MM-DD HH:MM:SS in the task's time zone, like all times here."
    )
    dify_api_key: str = Field(description="The key, masked.")
    dify_url: str
    created_at: str
    updated_at: str
    logs_per_page_default: int
    logs_per_page_max: int
    auto_refresh_interval_seconds: int
    near_execution_refresh_seconds: int
    next_run_time: str | None


class DefaultConfigChange(Fields):
    interval_minutes: Annotated[int, Field(ge=1, le=MAX_INTERVAL_MINUTES)] = default_task.INTERVAL_MINUTES
    dify_api_key: Annotated[str, ruled("dify_api_key")] | None = None
    """To send the masked form back keeps the stored key; null clears it."""
    dify_url: Annotated[WebAddress, ruled("dify_url")] | None = None


class Start(Fields):
    start_time: Annotated[str, StringConstraints(min_length=16, max_length=40)] | None = None
    """YYYY-MM-DD HH:MM:SS in the task's zone, or ISO 8601."""


class Started(Schema):
    success: bool
    message: str
    config: DefaultConfig


class Stopped(Schema):
    success: bool
    message: str


class Executed(Stopped):
    log_id: int
    trace_id: str


class LogsQuery(Filters):
    page: Page = 1
    per_page: Annotated[int, Field(ge=1), Digits] | None = None
    """The default and the maximum are settings: 10 and 50."""


class DefaultLog(Schema):
    id: int
    interval_minutes: int | None
    execute_time: str | None
    start_time: str | None
    end_time: str | None
    status: str
    response_data: str | None = Field(description="The outputs of the app, as JSON.")
    error_message: str | None
    created_at: str


class DefaultLogs(Schema):
    logs: list[DefaultLog]
    total: int
    page: int
    per_page: int
    pages: int


@router.get(
    "/config", response=answers({200: DefaultConfig}, 403), summary="Read the default task's settings"
)
def get_default_config(request: HttpRequest) -> Any:
    _superuser(request)
    return _as_config(default_task.get_or_create(timezone.now()))


def _superuser(request: HttpRequest) -> Actor:
    """Return the caller, who must be a superuser since the task is a global row. Raises ForbiddenError."""
    actor = caller(request)
    require_superuser(actor)
    return actor


def _as_config(task: ScheduledTask) -> dict[str, Any]:
    return {
        "id": task.pk,
        "interval_minutes": task.interval_minutes or default_task.INTERVAL_MINUTES,
        "is_active": task.is_enabled,
        "last_end_time": _local_time(task.last_end_time, task),
        "dify_api_key": mask_value(task.dify_api_key),
        "dify_url": task.dify_url,
        "created_at": _local_time(task.created_at, task),
        "updated_at": _local_time(task.updated_at, task),
        "logs_per_page_default": settings.LOGS_PER_PAGE_DEFAULT,
        "logs_per_page_max": settings.LOGS_PER_PAGE_MAX,
        "auto_refresh_interval_seconds": settings.AUTO_REFRESH_INTERVAL_SECONDS,
        "near_execution_refresh_seconds": settings.NEAR_EXECUTION_REFRESH_SECONDS,
        "next_run_time": _local_time(task.next_run_at, task),
    }


def _local_time(at: datetime | None, task: ScheduledTask) -> str | None:
    return at.astimezone(ZoneInfo(task.timezone)).strftime(FORMAT) if at else None


@router.post(
    "/config", response=answers({200: DefaultConfig}, 403, 422), summary="Change the default task's settings"
)
def change_default_config(request: HttpRequest, body: DefaultConfigChange) -> Any:
    actor, now = _superuser(request), timezone.now()
    columns = {name: value or "" for name, value in body.model_dump(include=body.model_fields_set).items()}
    task = default_task.get_or_create(now)
    if "dify_api_key" in columns:
        columns["dify_api_key"] = unmasked(
            "dify_api_key", columns["dify_api_key"], task.dify_api_key, mask_value
        )
    with valid_task():
        return _as_config(default_task.configure(columns, actor, now))


@router.post("/task/start", response=answers({200: Started}, 403, 422), summary="Start the default task")
def start_default_task(request: HttpRequest, body: Start | None = None) -> Any:
    """Starts from `start_time`, or from where the task stopped; past windows are caught up one after another."""
    actor, now = _superuser(request), timezone.now()
    start_time = _start_time(body.start_time, now) if body and body.start_time else None
    try:
        with valid_task():
            task = default_task.start(start_time, actor, now)
    except IncompleteTaskError as error:
        text = _("This field is required before the task can start.")
        raise UnprocessableError(FieldError(column, text) for column in error.columns) from error
    message = _("The task is started.")
    if late := default_task.windows_behind(task, now):
        message += " " + _("The task is catching up on %(count)d windows.") % {"count": late}
    return {"success": True, "message": message, "config": _as_config(task)}


def _start_time(text: str, now: datetime) -> datetime:
    """Parse a time; without an offset it is in the task's zone. Raises UnprocessableError."""
    try:
        if not LOCAL.fullmatch(text):
            return parse_moment(text)
        local = datetime.fromisoformat(text).replace(
            tzinfo=ZoneInfo(default_task.get_or_create(now).timezone)
        )
        return parse_moment(local.isoformat()).astimezone(UTC)
    except ValueError as error:
        raise invalid("start_time", _("Write a time as 2026-01-31 08:00:00.")) from error


@router.post("/task/stop", response=answers({200: Stopped}, 403), summary="Stop the default task")
def stop_default_task(request: HttpRequest) -> Any:
    """A run that is under way continues to its end."""
    default_task.stop(_superuser(request), timezone.now())
    return {"success": True, "message": _("The task is stopped.")}


@router.post("/task/execute", response=answers({200: Executed}, 403, 409), summary="Run the default task now")
def execute_default_task(request: HttpRequest) -> Any:
    """Runs the next window that has ended, and the one after it then starts there; where none has ended, runs what has
    passed of the next one.

    `message` says which. The status is 409 if the address or the key is missing, or if there is no data to request yet.
    """
    actor, now = _superuser(request), timezone.now()
    task = default_task.get_or_create(now)
    with no_run_conflicts():
        run = runs.run_now(task, actor, now)
    message = f"{_('The run is queued.')} {runs.window_text(run, task)}"
    return {"success": True, "message": message, "log_id": run.pk, "trace_id": run.trace_id}


@router.get("/logs", response=answers({200: DefaultLogs}, 403, 422), summary="List the default task's runs")
def list_default_logs(request: HttpRequest, query: Query[LogsQuery]) -> Any:
    _superuser(request)
    per_page = query.per_page or settings.LOGS_PER_PAGE_DEFAULT
    if per_page > settings.LOGS_PER_PAGE_MAX:
        raise invalid("per_page", _("This must be at most %(most)d.") % {"most": settings.LOGS_PER_PAGE_MAX})
    task = default_task.get_or_create(timezone.now())
    pages = Paginator(runs_of(task.pk, Run.objects.defer("output")), per_page)
    found = pages.page(query.page) if query.page <= pages.num_pages else []
    return {
        "logs": [_as_log(run, task) for run in found],
        "total": pages.count,
        "page": query.page,
        "per_page": per_page,
        "pages": pages.num_pages if pages.count else 0,
    }


def _as_log(run: Run, task: ScheduledTask) -> dict[str, Any]:
    """Return a run with the old system's field names.

    `interval_minutes` is the length of the run's window: the task's may have changed since.
    """
    minutes = task.interval_minutes
    if run.window_start and run.window_end:
        minutes = (run.window_end - run.window_start) // timedelta(minutes=1)
    return {
        "id": run.pk,
        "interval_minutes": minutes,
        "execute_time": _local_time(run.started_at, task),
        "start_time": _local_time(run.window_start, task),
        "end_time": _local_time(run.window_end, task),
        "status": run.status,
        "response_data": None if run.result is None else json.dumps(run.result, ensure_ascii=False),
        "error_message": run.error or None,
        "created_at": _local_time(run.created_at, task),
    }
