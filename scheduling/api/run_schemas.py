"""Schemas of runs as answers show them, and of requests for a run."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from common.rest.fields import Digits, Fields, Filters, Id, JsonObject, Moment
from common.rest.paging import DeepPageQuery
from scheduling.acts import runs
from scheduling.api.long_polling import MAX_SECONDS
from scheduling.lifecycle import run_logs
from scheduling.models import Run, ScheduledTask

Status = Literal["queued", "running", "success", "failed", "skipped", "missed", "canceled"]
Slug = Annotated[str, StringConstraints(max_length=100, pattern=r"^[\w.-]*$")]


def _whole_second(at: datetime) -> datetime:
    if at.microsecond:
        raise ValueError(_("Write whole seconds."))
    return at


WholeSecond = Annotated[Moment, AfterValidator(_whole_second)]


class RunNow(Fields):
    params: JsonObject | None = None
    replace_params: bool = False
    """Run with `params` alone, instead of merging them over the task's `input_params`."""
    window_start: WholeSecond | None = None
    window_end: WholeSecond | None = None

    @model_validator(mode="after")
    def _whole_window(self) -> Self:
        try:
            runs.window_between(self.window_start, self.window_end, timezone.now())
        except runs.InvalidWindowError as error:
            raise ValueError(str(error)) from error
        return self


class RunAsked(Schema):
    log_id: int = Field(description="The ID for /api/task-logs/{log_id}.")
    trace_id: str


class RunGiven(RunAsked):
    """The window is null where there is none, and where the run has yet to get one."""

    window_start: datetime | None
    window_end: datetime | None
    moves_cursor: bool = Field(
        description="Whether the next window starts at this one's end when the run succeeds."
    )
    detail: str = Field(description="The window that the run takes, in words.")


def run_given(run: Run, task: ScheduledTask) -> dict[str, Any]:
    """Return a run as RunGiven shows it."""
    return {
        "log_id": run.pk,
        "trace_id": run.trace_id,
        "window_start": run.window_start,
        "window_end": run.window_end,
        "moves_cursor": run.moves_cursor,
        "detail": runs.window_text(run, task),
    }


class LogFilters(DeepPageQuery):
    """`search` looks in the task's name and in the error, of the last 20,000 runs that the other filters leave."""

    status: Status | None = None
    trigger: Literal["schedule", "manual", "api", "backfill", "rerun", "hook"] | None = None
    error_code: Slug | None = None
    trace_id: Slug | None = None
    due_from: Moment | None = None
    due_to: Moment | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None
    ordering: Literal["id", "-id"] = "-id"
    """Left out with a range of times of all tasks, the latest due time comes first, or the latest creation."""


class RunFilters(LogFilters):
    task_id: Id | None = None
    tenant_id: Annotated[str, StringConstraints(max_length=50)] | None = None


class RunRow(Schema):
    """A run in a list: without `output`, `result` and `timeline`, which may be long."""

    id: int
    task_id: int
    task_name: str
    execution_type: str
    tenant_id: str | None
    trace_id: str
    status: str
    trigger: str
    triggered_by: str
    due_at: datetime | None
    window_start: datetime | None
    window_end: datetime | None
    params: JsonObject
    attempt: int
    retry_count: int
    task_version: int
    worker: str
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None
    error: str
    error_code: str
    external_id: str
    tokens: int | None
    cost: float | None
    created_at: datetime


class TimelineNode(Schema):
    """One execution of a node."""

    node_id: str
    title: str
    type: str = Field(description="The type as Dify calls it: start, llm, tool, iteration, …")
    status: str = Field(description="The status as Dify calls it; `running` if no end was reported.")
    start_seconds: float = Field(description="Seconds since the call.")
    duration_seconds: float | None
    tokens: int | None
    error: str
    retries: int
    inside: str = Field(description="The `node_id` of the iteration or loop that contains it.")
    step: int | None = Field(description="Its round in the iteration or loop, from 0.")


class Timeline(Schema):
    nodes: list[TimelineNode] = Field(description="The nodes in the order of their starts.")
    left_out: int = Field(description="The number of nodes beyond the 500 that are kept.")


class RunShown(RunRow):
    output: str = Field(description="The joined lines, at most 1 MiB; written when the run ends.")
    result: Any
    timeline: Timeline | None = Field(description="The nodes of a Dify run, and when they ran.")

    @staticmethod
    def resolve_timeline(run: Run) -> dict[str, Any] | None:
        if run.timeline is None:
            return None
        return {
            "nodes": [_node(**span) for span in run.timeline["spans"]],
            "left_out": run.timeline["left_out"],
        }


def _node(kind: str, started_at: float, finished_at: float | None, **span: Any) -> dict[str, Any]:
    took = None if finished_at is None else round(finished_at - started_at, 3)
    return {**span, "type": kind, "start_seconds": started_at, "duration_seconds": took}


class LinesQuery(Filters):
    after: Annotated[int, Field(ge=0, le=2**31 - 1), Digits] = 0
    """Only lines with a greater `seq`."""
    limit: Annotated[int, Field(ge=1, le=1000), Digits] = 500
    wait: Annotated[int, Field(ge=0, le=MAX_SECONDS), Digits] = 0
    """Seconds to wait for lines, or for the end, where there are none yet. Few calls may wait at once, others don't."""


class Line(Schema):
    seq: int
    at: datetime
    stream: str
    text: Annotated[str, AfterValidator(run_logs.plain)]


class Lines(Schema):
    items: list[Line]
    next_after: int = Field(description="The value of `after` for the next request.")
    finished: bool = Field(description="Whether the run has ended and there are no more lines.")


def has_news(lines: dict[str, Any]) -> bool:
    """Return whether there is something to show."""
    return bool(lines["items"] or lines["finished"])
