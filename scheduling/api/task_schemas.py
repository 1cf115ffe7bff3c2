"""A task as a request writes it and as an answer shows it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints, model_validator

from common.redact import mask_url, mask_value
from common.rest.fields import (
    Code,
    Fields,
    Flag,
    Id,
    JsonObject,
    Moment,
    WebAddress,
    schema_of_column,
    schema_of_rule,
)
from common.rest.paging import PageQuery
from scheduling import rules
from scheduling.acts.task_rules import reader_language
from scheduling.models import ScheduledTask
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.describe import describe
from scheduling.schedule.errors import ScheduleError
from scheduling.schedule.validate import MAX_INTERVAL_MINUTES, MAX_SPREAD_SECONDS, MAX_TIME_POINTS

ExecutionKind = Literal["dify", "webhook", "script"]
ScheduleKind = Literal["simple", "cron", "interval", "once"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
# The pattern is only shown: the schedule's own rules refuse what does not fit, and say why.
TimePoint = Annotated[
    str,
    StringConstraints(max_length=8),
    Field(json_schema_extra={"pattern": r"^([01][0-9]|2[0-3])(:[0-5][0-9]){1,2}$"}),
]
LongText = Annotated[str, schema_of_rule(rules.LONG)]
HeaderName = Annotated[str, schema_of_rule(rules.HEADER_NAME)]
HeaderValue = Annotated[str, schema_of_rule(rules.HEADER_VALUE)]


def ruled(column: str) -> Any:
    """Return what the rules say of a task's column. The operator's maximum is checked where the task is written."""
    return schema_of_column(ScheduledTask, column)


TASK_EXAMPLE: dict[str, Any] = {
    "tenant_id": "default",
    "task_name": "Daily report",
    "schedule_type": "simple",
    "time_points": ["08:00", "18:30"],
    "execution_type": "script",
    "script_content": "log('started')\nresult = {'title': 'Report', 'content': 'All **well**.'}",
    "notify_channels": [],
}


class ScheduleFields(Fields):
    """The columns that say when a task fires."""

    schedule_type: ScheduleKind = "simple"
    time_points: Annotated[list[TimePoint], Field(max_length=MAX_TIME_POINTS)] | None = None
    """For `simple`: HH:MM or HH:MM:SS, every day at each of them."""
    cron_expression: Annotated[str, ruled("cron_expression")] | None = None
    """For `cron`: 5 fields, or 6 with seconds first."""
    interval_minutes: Annotated[int, Field(ge=1, le=MAX_INTERVAL_MINUTES)] | None = None
    """For `interval`."""
    run_at: Moment | None = None
    """For `once`."""
    timezone: Annotated[str, StringConstraints(max_length=50)] = "Asia/Shanghai"
    calendar: Annotated[str, ruled("calendar")] | None = None
    """One of cn_workday, cn_holiday, or the code of one of the tenant's or everybody's calendars."""
    calendar_policy: Literal["skip", "shift"] = "skip"
    start_at: Moment | None = None
    end_at: Moment | None = None
    spread_seconds: Annotated[int, Field(ge=0, le=MAX_SPREAD_SECONDS)] = 0


class TaskFields(ScheduleFields):
    """What a user sets. For a field left out POST takes the default, and PUT keeps the column."""

    tenant_id: Code | None = None
    """The tenant's code; null is global, for superusers."""
    task_name: Annotated[str, ruled("task_name")] = ""
    task_desc: Annotated[str, ruled("task_desc")] | None = None
    is_enabled: bool = True
    execution_type: ExecutionKind = "script"
    input_params: JsonObject | None = None
    timeout_seconds: Annotated[int, ruled("timeout_seconds")] | None = None
    """With null it is 1260 for Dify, 300 for scripts, 30 for webhooks."""
    priority: Annotated[int, ruled("priority")] = 5
    misfire_policy: Literal["fire_once", "skip", "fire_all"] = "fire_once"
    misfire_grace_seconds: Annotated[int, ruled("misfire_grace_seconds")] = 300
    overlap_policy: Literal["skip", "queue", "allow", "replace"] = "skip"
    retry_count: Annotated[int, ruled("retry_count")] = 0
    retry_interval: Annotated[int, ruled("retry_interval")] = 60
    retry_backoff: Literal["fixed", "exponential"] = "fixed"
    retry_on_worker_lost: bool = True
    use_windows: bool = False
    """Default: true for an interval task that calls Dify. Windows follow one another without a gap: calendar and
    spread play no part, `start_at` and `end_at` do."""
    catch_up: Literal["each", "merged"] = "each"
    on_window_failure: Literal["hold", "advance"] = "hold"
    window_start_param: Annotated[str, ruled("window_start_param")] = "start_time"
    window_end_param: Annotated[str, ruled("window_end_param")] = "end_time"
    window_time_format: Annotated[str, ruled("window_time_format")] = "%Y-%m-%d %H:%M:%S"
    dify_url: Annotated[WebAddress, ruled("dify_url")] | None = None
    dify_api_key: Annotated[str, ruled("dify_api_key")] | None = None
    """Never returned: `dify_api_key_set` tells whether there is one. null clears it."""
    dify_app_type: Literal["workflow", "chat", "completion"] = "workflow"
    dify_workflow_id: Annotated[str, ruled("dify_workflow_id")] | None = None
    dify_query: Annotated[str, ruled("dify_query")] | None = None
    dify_user: Annotated[str, ruled("dify_user")] | None = None
    dify_response_mode: Literal["streaming", "blocking"] = "streaming"
    retry_on_unknown: bool = False
    webhook_url: WebAddress | None = None
    """Returned with its secrets masked; to send the masked form back keeps the stored one."""
    webhook_method: Method = "POST"
    webhook_headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=rules.MAX_HEADERS)] | None = (
        None
    )
    """Values are returned masked; to send a masked value back keeps the stored one."""
    webhook_body_template: Annotated[str, ruled("webhook_body_template")] | None = None
    webhook_secret: Annotated[str, ruled("webhook_secret")] | None = None
    """Never returned: `webhook_secret_set` tells whether there is one. null clears it."""
    script_content: Annotated[str, ruled("script_content")] | None = None
    script_deps: Annotated[str, ruled("script_deps")] | None = None
    """One to a line, as in pandas>=2,<3; a PEP 723 block in the script counts, too. `deps_status` tells whether they
    are locked: locking, ready, failed."""
    memory_mb: Annotated[int, ruled("memory_mb")] | None = None
    cpu_seconds: Annotated[int, ruled("cpu_seconds")] | None = None
    notify_channels: Annotated[list[Id], ruled("notify_channels")] | None = None
    """Ids of notification channels of the same tenant."""
    notify_wecom_app_id: Id | None = None
    """A WeCom app of the same tenant, which writes to people."""
    result_template: Annotated[str, ruled("result_template")] | None = None
    alert_on_failure: bool = False
    alert_webhook: WebAddress | None = None
    """Masked like `webhook_url`."""
    alert_after_failures: Annotated[int, ruled("alert_after_failures")] = 1
    """How many failures in a row it takes before an alert goes out."""
    alert_on_recovery: bool = False
    """Sent only where an alert of the failure went out."""
    alert_on_missed: bool = False
    alert_max_duration_seconds: Annotated[int, ruled("alert_max_duration_seconds")] | None = None
    """An alert goes out while a run goes on that takes longer; with null none does."""
    keep_runs_days: Annotated[int, ruled("keep_runs_days")] | None = None
    """With null it is what the platform is set to."""

    @model_validator(mode="before")
    @classmethod
    def _without_shown(cls, sent: Any) -> Any:
        """Drop what only the platform writes: a task as GET shows it may be sent back whole."""
        if not isinstance(sent, dict):
            return sent
        return {
            name: value for name, value in sent.items() if name not in SHOWN_ONLY or name in cls.model_fields
        }


class TaskNew(TaskFields):
    model_config = {"json_schema_extra": {"examples": [TASK_EXAMPLE]}}

    task_name: Annotated[str, ruled("task_name")]


class TaskChange(TaskFields):
    model_config = {"json_schema_extra": {"examples": [{"time_points": ["09:00"], "version": 3}]}}

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    """The version that was read. The answer is 409 where the task has been changed since."""


class Toggle(Fields):
    is_enabled: bool | None = None


class TaskFilters(PageQuery):
    """`search` looks in name and description."""

    tenant_id: Annotated[str, StringConstraints(max_length=50)] | None = None
    execution_type: ExecutionKind | None = None
    schedule_type: ScheduleKind | None = None
    is_enabled: Flag | None = None
    last_run_status: Literal["success", "failed", "skipped", "missed", "canceled"] | None = None
    ordering: Literal[
        "id", "-id", "task_name", "-task_name", "next_run_at", "-next_run_at", "last_run_at", "-last_run_at",
        "priority", "-priority", "updated_at", "-updated_at",
    ] = "-id"  # fmt: skip


class TaskShown(Schema):
    id: int
    tenant_id: str | None
    task_name: str
    task_desc: str
    is_enabled: bool
    is_default: bool
    schedule_type: str
    time_points: list[str]
    cron_expression: str
    interval_minutes: int | None
    run_at: datetime | None
    timezone: str
    calendar: str
    calendar_policy: str
    start_at: datetime | None
    end_at: datetime | None
    spread_seconds: int
    schedule_description: str
    execution_type: str
    input_params: JsonObject
    timeout_seconds: int | None
    priority: int
    misfire_policy: str
    misfire_grace_seconds: int
    overlap_policy: str
    retry_count: int
    retry_interval: int
    retry_backoff: str
    retry_on_worker_lost: bool
    use_windows: bool
    catch_up: str
    on_window_failure: str
    last_end_time: datetime | None
    window_start_param: str
    window_end_param: str
    window_time_format: str
    dify_url: str
    dify_api_key_set: bool
    dify_app_type: str
    dify_workflow_id: str
    dify_query: str
    dify_user: str
    dify_response_mode: str
    retry_on_unknown: bool
    webhook_url: str
    webhook_method: str
    webhook_headers: dict[str, str]
    webhook_body_template: str
    webhook_secret_set: bool
    script_content: str
    script_deps: str
    deps_status: str
    memory_mb: int | None
    cpu_seconds: int | None
    notify_channels: list[int]
    notify_wecom_app_id: int | None
    result_template: str
    alert_on_failure: bool
    alert_webhook: str
    alert_after_failures: int
    alert_on_recovery: bool
    alert_on_missed: bool
    alert_max_duration_seconds: int | None
    keep_runs_days: int | None
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_run_status: str
    last_run_message: str
    version: int
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_schedule_description(task: ScheduledTask) -> str:
        try:
            return describe(schedule_of(task), reader_language())
        except ScheduleError:  # a row that was edited by other means must not hide the others
            return ""

    @staticmethod
    def resolve_dify_api_key_set(task: ScheduledTask) -> bool:
        return bool(task.dify_api_key)

    @staticmethod
    def resolve_webhook_secret_set(task: ScheduledTask) -> bool:
        return bool(task.webhook_secret)

    @staticmethod
    def resolve_webhook_url(task: ScheduledTask) -> str:
        return mask_url(task.webhook_url)

    @staticmethod
    def resolve_alert_webhook(task: ScheduledTask) -> str:
        return mask_url(task.alert_webhook)

    @staticmethod
    def resolve_webhook_headers(task: ScheduledTask) -> dict[str, str]:
        return {name: mask_value(value) for name, value in headers_of(task).items()}


def headers_of(task: ScheduledTask) -> dict[str, str]:
    return json.loads(task.webhook_headers) if task.webhook_headers else {}


SHOWN_ONLY = TaskShown.model_fields.keys() - TaskFields.model_fields.keys()
