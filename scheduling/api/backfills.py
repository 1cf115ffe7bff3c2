"""Endpoints /api/scheduled-tasks/{id}/backfill and /api/backfills: runs of a range that has passed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from common.rest.answers import answers
from common.rest.fields import Fields, Moment, schema_of_column
from common.rest.problems import ConflictError, invalid
from scheduling.acts import backfills
from scheduling.api.run_refusals import no_run_conflicts
from scheduling.models import Backfill, ScheduledTask
from tenants.api.auth import caller
from tenants.api.scope import allowed_row, visible_row
from tenants.models import Role

router = Router(tags=["Backfills"])
FIELDS = {"from_at": "from", "to_at": "to"}


class BackfillAsked(Fields):
    model_config = {
        "json_schema_extra": {
            "examples": [{"from": "2026-01-01T00:00:00+08:00", "to": "2026-01-08T00:00:00+08:00"}]
        }
    }

    from_at: Moment = Field(alias="from")
    to_at: Moment = Field(alias="to", description="The end of the range, which is not included.")
    max_parallel: Annotated[int, schema_of_column(Backfill, "max_parallel")] = 1
    """How many of its runs may go on at once; a task that allows no overlap stays at one."""
    send_messages: bool = False
    """Whether each run sends its message. Otherwise one summary is sent when all runs have ended."""
    dry_run: bool = False


class BackfillPlan(Schema):
    due_times: list[datetime] = Field(description="Due times in UTC; for data windows, their ends.")
    count: int


class BackfillStarted(Schema):
    backfill_id: int = Field(description="The ID for /api/backfills/{backfill_id}.")
    count: int


class BackfillShown(Schema):
    id: int
    task_id: int
    from_at: datetime = Field(serialization_alias="from")
    to_at: datetime = Field(serialization_alias="to")
    status: str = Field(description="The status: running, done or canceled.")
    total: int
    done: int = Field(description="The number of runs that have ended, with any outcome.")
    failed: int = Field(description="The number of those that failed.")


@router.post(
    "/scheduled-tasks/{int:task_id}/backfill",
    response=answers({200: BackfillPlan, 202: BackfillStarted}, 403, 404, 409, 422),
    summary="Backfill a past range",
)
def backfill_task(request: HttpRequest, task_id: int, body: BackfillAsked) -> Any:
    """Queues one run for each due time of the schedule in the range, at most 10,000; a task with data windows gets one
    for each window.

    With `dry_run` the status is 200 and the due times are only listed.
    """
    actor, now = caller(request), timezone.now()
    task = allowed_row(ScheduledTask.objects.all(), actor, Role.OPERATOR, pk=task_id)
    try:
        if body.dry_run:
            planned = backfills.plan(task, body.from_at, body.to_at, now)
            return Status(200, {"due_times": [one.due_at for one in planned], "count": len(planned)})
        with no_run_conflicts():
            started = backfills.start(
                task,
                body.from_at,
                body.to_at,
                body.max_parallel,
                actor,
                now,
                sends_messages=body.send_messages,
            )
    except backfills.BackfillRefusedError as error:
        raise invalid(FIELDS.get(error.field, error.field), str(error)) from error
    return Status(202, {"backfill_id": started.pk, "count": started.total})


@router.get(
    "/backfills/{int:backfill_id}",
    response=answers({200: BackfillShown}, 404),
    by_alias=True,
    summary="Read a backfill's progress",
)
def get_backfill(request: HttpRequest, backfill_id: int) -> Any:
    return visible_row(Backfill.objects.all(), caller(request), pk=backfill_id)


@router.post(
    "/backfills/{int:backfill_id}/cancel",
    response=answers({202: BackfillShown}, 403, 404, 409),
    by_alias=True,
    summary="Cancel a backfill",
)
def cancel_backfill(request: HttpRequest, backfill_id: int) -> Any:
    """Waiting runs end at once, and runs that are under way within seconds."""
    actor = caller(request)
    row = allowed_row(Backfill.objects.all(), actor, Role.OPERATOR, pk=backfill_id)
    if not backfills.cancel(row, timezone.now(), actor):
        raise ConflictError(_("The backfill has already ended."), code="ended")
    row.refresh_from_db()
    return Status(202, row)
