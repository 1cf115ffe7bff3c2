"""A task as a request writes it and as an answer shows it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.utils.module_loading import import_string
from django.utils.timezone import now
from ninja import Schema
from pydantic import Field, StringConstraints, model_validator

from common.redact import mask_url
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
from scheduling.acts.task_cautions import cautions_of
from scheduling.acts.task_rules import reader_language
from scheduling.kinds import KINDS
from scheduling.models import LastRunStatus, ScheduledTask
from scheduling.planning.schedules import schedule_of
from scheduling.rules import TAG
from scheduling.schedule.describe import describe
from scheduling.schedule.errors import ScheduleError
from scheduling.schedule.validate import MAX_INTERVAL_MINUTES, MAX_SPREAD_SECONDS, MAX_TIME_POINTS

KINDS_FIELDS = [import_string(kind.fields) for kind in KINDS.values() if kind.fields]
KINDS_SHOWN = [import_string(kind.shown) for kind in KINDS.values() if kind.shown]
if TYPE_CHECKING:
    KindName = str
else:
    KindName = Literal[tuple(KINDS)]
KINDS_IN_WORDS = " ".join(
    f"`{kind.name}`: {kind.about} Its time limit is {kind.timeout_seconds} s unless the task sets one."
    for kind in KINDS.values()
)
Tag = Annotated[str, schema_of_rule(TAG)]
ScheduleKind = Literal["simple", "cron", "interval", "once"]
# The pattern is only shown: the schedule's own rules refuse what does not fit, and say why.
TimePoint = Annotated[
    str,
    StringConstraints(max_length=8),
    Field(json_schema_extra={"pattern": r"^([01][0-9]|2[0-3])(:[0-5][0-9]){1,2}$"}),
]


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


class SharedFields(ScheduleFields):
    """The columns that tasks of every kind have."""

    tenant_id: Code | None = None
    """The tenant's code; null is global, for superusers."""
    task_name: Annotated[str, ruled("task_name")] = ""
    task_desc: Annotated[str, ruled("task_desc")] | None = None
    tags: Annotated[list[Tag], ruled("tags")] | None = None
    """Words by which people group their tasks, none twice."""
    is_enabled: bool = True
    execution_type: Annotated[KindName, Field(description=KINDS_IN_WORDS)] = "script"
    input_params: JsonObject | None = None
    timeout_seconds: Annotated[int, ruled("timeout_seconds")] | None = None
    """With null it is the kind's."""
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


class TaskFields(*KINDS_FIELDS, SharedFields):  # type: ignore[misc]
    """What a user sets. For a field left out POST takes the default, and PUT keeps the column."""

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

    tag: Annotated[str, StringConstraints(max_length=TAG.max_length)] | None = None
    tenant_id: Annotated[str, StringConstraints(max_length=50)] | None = None
    execution_type: KindName | None = None
    schedule_type: ScheduleKind | None = None
    is_enabled: Flag | None = None
    last_run_status: LastRunStatus | None = None
    ordering: Literal[
        "id", "-id", "task_name", "-task_name", "next_run_at", "-next_run_at", "last_run_at", "-last_run_at",
        "priority", "-priority", "updated_at", "-updated_at",
    ] = "-id"  # fmt: skip


class TaskShown(*KINDS_SHOWN, Schema):  # type: ignore[misc]
    id: int
    tenant_id: str | None
    task_name: str
    task_desc: str
    tags: list[str]
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
    def resolve_alert_webhook(task: ScheduledTask) -> str:
        return mask_url(task.alert_webhook)


class TaskSaved(TaskShown):
    warnings: list[str] = Field(
        description="What the task probably does not mean, in words; it is saved all the same."
    )

    @staticmethod
    def resolve_warnings(task: ScheduledTask) -> list[str]:
        return cautions_of(task, now())


SHOWN_ONLY = TaskSaved.model_fields.keys() - TaskFields.model_fields.keys()
