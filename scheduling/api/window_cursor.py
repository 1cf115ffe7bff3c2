"""Endpoint /api/scheduled-tasks/{id}/window-cursor: where the next window starts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from common.rest.answers import answers
from common.rest.fields import Fields, Moment
from common.rest.problems import ConflictError, NotFoundError, invalid
from scheduling.acts import window_cursor
from scheduling.acts.window_cursor import Move
from scheduling.api.tasks import expected_version
from scheduling.models import ScheduledTask
from scheduling.schedule.data_windows import Window
from tenants.api.auth import caller
from tenants.api.scope import allowed_row
from tenants.models import Role

router = Router(tags=["Tasks"])


class CursorMove(Fields):
    start: Moment
    """Where the next window starts: whole seconds, not in the future."""
    last_end_time: Moment | None
    """The cursor as you have seen it; null where there was none yet. The answer is 409 where it has moved since."""
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    """The task's version as you have seen it, or `If-Match`. The answer is 409 where it has been changed since."""
    dry_run: bool = False
    """Only say what the move would mean."""


class Span(Schema):
    start: datetime
    end: datetime
    windows: int = Field(description="The number of windows; a part of one counts.")


class CursorMoved(Schema):
    last_end_time: datetime = Field(description="The start of the next window.")
    was: datetime | None
    repeated: Span | None = Field(description="Data that will be requested again.")
    left_out: Span | None = Field(description="Data that will never be requested.")
    windows_behind: int = Field(
        description="Windows that have ended since the start and are due immediately."
    )


@router.post(
    "/{int:task_id}/window-cursor",
    response=answers({200: CursorMoved}, 403, 404, 409, 422),
    summary="Set the start of the next window",
)
def move_window_cursor(request: HttpRequest, task_id: int, body: CursorMove) -> Any:
    """The status is 409 if the task does not use data windows, and while a run is using one."""
    actor, now = caller(request), timezone.now()
    task = allowed_row(ScheduledTask.objects.all(), actor, Role.ADMIN, pk=task_id)
    version = body.version or expected_version(request)
    try:
        if body.dry_run:
            return _shown(window_cursor.plan(task, body.start, now))
        seen = body.last_end_time
        return _shown(window_cursor.move(task.pk, body.start, actor, now, seen=seen, version=version))
    except window_cursor.CursorRefusedError as error:
        raise invalid("start", str(error)) from error
    except window_cursor.BusyCursorError as error:
        raise ConflictError(str(error), code="busy") from error
    except window_cursor.StaleCursorError as error:
        raise ConflictError(
            _("The cursor or the task has changed in the meantime: read it again."), code="stale"
        ) from error
    except ScheduledTask.DoesNotExist as error:
        raise NotFoundError from error


def _shown(move: Move) -> dict[str, Any]:
    return {
        "last_end_time": move.to,
        "was": move.was,
        "repeated": _span(move, move.repeated),
        "left_out": _span(move, move.left_out),
        "windows_behind": move.behind,
    }


def _span(move: Move, span: Window | None) -> dict[str, Any] | None:
    return {"start": span.start, "end": span.end, "windows": move.count(span)} if span else None
