"""Endpoints of a task's hook: /api/scheduled-tasks/{id}/hook, /api/hooks/{token}"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.params.functions import Body, Header
from pydantic import Field

from common.rest.answers import answers, answers_to_anyone
from common.rest.fields import JsonObject
from common.rest.problems import ConflictError, NotFoundError, TooLargeError, TooManyRequestsError
from scheduling.acts import hooks
from scheduling.api.run_refusals import no_run_conflicts
from scheduling.api.run_schemas import RunAsked
from scheduling.models import ScheduledTask, TaskHook
from tenants import throttle
from tenants.api.auth import caller, remote_addr
from tenants.api.scope import allowed_row
from tenants.models import Role

router = Router(tags=["Hooks"])
MAX_BYTES = 64 << 10
PARAMS = Body(None, description="Merged over the task's `input_params`.")
KEY = Header("", alias="Idempotency-Key", max_length=200, pattern=r"^[\x20-\x7e]*$")


class HookMade(Schema):
    url: str = Field(description="The address to send a POST request to.")
    token: str = Field(
        description="The last part of the address. It is shown only this once; only its hash is stored."
    )


@router.post(
    "/scheduled-tasks/{int:task_id}/hook",
    response=answers({201: HookMade}, 403, 404),
    summary="Create or replace a task's hook",
)
def make_hook(request: HttpRequest, task_id: int) -> Any:
    """An earlier address of the task stops working."""
    actor = caller(request)
    token = hooks.issue(allowed_row(ScheduledTask.objects.all(), actor, Role.ADMIN, pk=task_id), actor)
    return Status(201, {"url": hooks.hook_url(token), "token": token})


@router.delete(
    "/scheduled-tasks/{int:task_id}/hook",
    response=answers({204: None}, 403, 404),
    summary="Revoke a task's hook",
)
def revoke_hook(request: HttpRequest, task_id: int) -> Any:
    """The answer is 404 where the task has no hook."""
    actor = caller(request)
    if not hooks.revoke(allowed_row(ScheduledTask.objects.all(), actor, Role.ADMIN, pk=task_id), actor):
        raise NotFoundError
    return Status(204, None)


def hook_of_token(request: HttpRequest) -> TaskHook:
    """Return the hook that the path's token opens, before anything of the body is read.

    Raises NotFoundError, TooManyRequestsError, TooLargeError.
    """
    assert request.resolver_match
    hook = hooks.find(request.resolver_match.kwargs["token"])
    if hook is None:
        if wait := throttle.wrong_token(remote_addr(request)):
            raise TooManyRequestsError(wait)
        raise NotFoundError
    if wait := throttle.seconds_to_wait(f"hook:{hook.task_id}", settings.HOOK_CALLS_PER_MINUTE, 60):
        raise TooManyRequestsError(wait)
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        raise TooLargeError(_("The body is over 64 KiB."))
    return hook


@router.post(
    "/hooks/{token}",
    auth=hook_of_token,  # the token in the path is all that is required
    response=answers_to_anyone({202: RunAsked}, 404, 409, 413, 422, 429),
    summary="Run a task from outside",
)
def call_hook(
    request: HttpRequest,
    token: str,
    params: JsonObject | None = PARAMS,
    idempotency_key: str = KEY,
) -> Any:
    """The body, empty or a JSON object of at most 64 KiB, is merged over the task's `input_params`.

    A second call with the same `Idempotency-Key` starts nothing and answers as the first did.
    """
    hook: TaskHook = request.auth  # type: ignore[attr-defined]
    if not hook.task.is_enabled:
        raise ConflictError(_("The task is disabled."), code="disabled")
    with no_run_conflicts():
        run = hooks.call(hook, params or {}, idempotency_key, remote_addr(request), timezone.now())
    return Status(202, {"log_id": run.pk, "trace_id": run.trace_id})
