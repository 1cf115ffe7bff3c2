"""Endpoint POST /api/schedules/preview: what a schedule means."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from common.rest.answers import answers
from common.rest.fields import Code, Moment
from common.rest.problems import FieldError, UnprocessableError
from scheduling.acts.task_rules import reader_language, schedule_problems
from scheduling.api.task_schemas import ScheduleFields
from scheduling.api.task_writing import empty
from scheduling.models import ScheduledTask
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.cautions import cautions
from scheduling.schedule.describe import describe
from scheduling.schedule.due import due_times
from scheduling.schedule.rule import grid_anchor
from tenants.access import Actor
from tenants.api.auth import caller
from tenants.api.scope import tenant_named_in, writable_tenant
from tenants.models import Role

router = Router(tags=["Schedules"])


class SchedulePreviewAsked(ScheduleFields):
    model_config = {
        "json_schema_extra": {"examples": [{"schedule_type": "simple", "time_points": ["08:00"]}]}
    }

    tenant_id: Code | None = None
    """The tenant whose calendars count, beside everybody's. Left out: the caller's, if there is only one."""
    count: Annotated[int, Field(ge=1, le=100)] = 10
    after: Moment | None = None
    """Only due times after this; left out, after now."""


class SchedulePreview(Schema):
    description: str
    due_times: list[datetime] = Field(description="Due times in UTC.")
    warnings: list[str]


@router.post("/preview", response=answers({200: SchedulePreview}, 403, 422), summary="Describe a schedule")
def preview_schedule(request: HttpRequest, body: SchedulePreviewAsked) -> Any:
    """The due times come from the function that beat fires with. An interval counts from `start_at`, or from now."""
    now, language = timezone.now(), reader_language()
    task = _task(body, _tenant(body, caller(request)), now)
    if errors := [FieldError(error.field, error.text(language)) for error in schedule_problems(task)]:
        raise UnprocessableError(errors)
    schedule, after = schedule_of(task), body.after or now
    return {
        "description": describe(schedule, language),
        "due_times": list(islice(due_times(schedule, after), body.count)),
        "warnings": [caution.text(language) for caution in cautions(schedule, after)],
    }


def _tenant(body: SchedulePreviewAsked, actor: Actor) -> str | None:
    """Return the tenant whose calendars count, None for only everybody's. Raises UnprocessableError, ForbiddenError."""
    code = tenant_named_in(body, actor)
    return None if code is None else writable_tenant(code, actor, Role.VIEWER)


def _task(body: SchedulePreviewAsked, tenant_id: str | None, now: datetime) -> ScheduledTask:
    columns = body.model_dump(exclude={"count", "after", "tenant_id"})
    task = ScheduledTask(
        tenant_id=tenant_id,
        **{name: empty(name) if value is None else value for name, value in columns.items()},
    )
    task.anchor_at = grid_anchor(None, task.start_at, now)
    return task
