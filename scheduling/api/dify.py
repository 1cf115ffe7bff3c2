"""Endpoints that tell whether a Dify task's run would begin.

/api/scheduled-tasks/{id}/test-connection, /api/dify/test
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from common.rest.answers import answers
from common.rest.fields import Fields, JsonObject, WebAddress
from common.rest.problems import ForbiddenError, invalid
from scheduling.acts import dify_connection
from scheduling.kinds.dify.kind import DIFY
from scheduling.models import ScheduledTask
from tenants.api.auth import caller
from tenants.api.scope import allowed_row
from tenants.models import Role

router = Router(tags=["Dify"])


class DifyTestAsked(Fields):
    dify_url: Annotated[WebAddress, StringConstraints(min_length=1, max_length=500)]
    dify_api_key: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    dify_app_type: Literal["workflow", "chat", "completion"] = "workflow"
    input_params: JsonObject = {}


class DifyTested(Schema):
    ok: bool = Field(description="Whether the key, the mode and the inputs match, so that a run can start.")
    app_name: str
    mode: str = Field(
        description="The mode as Dify calls it: workflow, chat, agent-chat, advanced-chat or completion."
    )
    server_version: str
    missing_inputs: list[str] = Field(description="Inputs that the app requires and the task does not set.")
    undeclared_inputs: list[str] = Field(
        description="Inputs that the app does not declare; Dify drops them silently."
    )
    detail: str


@router.post(
    "/scheduled-tasks/{int:task_id}/test-connection",
    response=answers({200: DifyTested}, 403, 404, 422),
    summary="Test a task's Dify",
)
def test_task_connection(request: HttpRequest, task_id: int) -> Any:
    """The test starts nothing in Dify. The status is 200 even where Dify refuses."""
    actor = caller(request)
    task = allowed_row(ScheduledTask.objects.all(), actor, Role.OPERATOR, pk=task_id)
    if task.execution_type != DIFY.name:
        raise invalid("execution_type", _("This is not a Dify task."))
    return dify_connection.check_task(task, actor, timezone.now())


@router.post("/dify/test", response=answers({200: DifyTested}, 403, 422), summary="Test a Dify app")
def test_dify(request: HttpRequest, body: DifyTestAsked) -> Any:
    """Tests an app before a task has been saved. It starts nothing in Dify and stores nothing."""
    actor = caller(request)
    if not any(actor.may(Role.OPERATOR, code) for code in (None, *actor.roles)):
        raise ForbiddenError
    return dify_connection.check_app(
        body.dify_url, body.dify_api_key, body.dify_app_type, body.input_params, actor
    )
