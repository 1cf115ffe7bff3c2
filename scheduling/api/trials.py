"""Endpoints under /api/scheduled-tasks/test-script: a script runs on a worker, and is kept for no more than an hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from common.concurrency import hold_place
from common.rest.answers import answers
from common.rest.fields import Code, Fields, JsonObject, LongText
from common.rest.problems import (
    FieldError,
    ForbiddenError,
    NotFoundError,
    UnavailableError,
    UnprocessableError,
)
from notifications.channel_types import CHANNEL_TYPES, DINGTALK_BOT
from notifications.messages import read
from notifications.models import NotifyChannel
from notifications.render import Page
from notifications.render.preview import STYLE, preview
from scheduling.acts.task_rules import dependency_problems
from scheduling.api import long_polling
from scheduling.api.run_schemas import Lines, LinesQuery, has_news
from scheduling.kinds.script.requirements import requirements_of
from scheduling.lifecycle import trials
from scheduling.lifecycle.trials import TrialOutcome, TrialRequest, UnsentMessage
from tenants.access import Actor
from tenants.api.auth import caller
from tenants.api.scope import require_role, tenant_of_new
from tenants.models import Role

router = Router(tags=["Tasks"])
EXAMPLE: dict[str, Any] = {"tenant_id": "default", "script_content": "result = {'content': 'All **well**.'}"}


class TestAsked(Fields):
    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    script_content: LongText
    script_deps: LongText | None = None
    input_params: JsonObject | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=trials.MAX_SECONDS)] = 30
    tenant_id: Code | None = None
    """The tenant whose secrets, variables and channels it sees; null is global, for superusers."""
    stream: bool = False
    """Answer at once with a `test_id`, whose lines can be followed."""


class MessageShown(Schema):
    origin: str = Field(description="`result`, or the call that sent it: notify, dingtalk or wecom.")
    channel_type: str
    payloads: list[dict[str, Any]]
    notes: list[str]
    html: str = Field(
        description="The message as HTML, which `message_style` makes look like the chat. Show it in a frame "
        "without scripts."
    )


class TestShown(Schema):
    status: str = Field(description="The status: success, failed or canceled; running before the end.")
    output: str
    error: str
    error_code: str
    result: Any
    duration_ms: int
    message_preview: list[MessageShown] = Field(
        description="What the tenant's channels would receive of the result and of each message. Nothing was "
        "sent."
    )
    message_style: str = Field(description="The CSS for the `html` of each message.")


class TestBegun(Schema):
    test_id: str


@router.post(
    "/test-script",
    response=answers({200: TestShown, 202: TestBegun}, 403, 422, 503),
    summary="Run a script without a task",
)
def test_script(request: HttpRequest, body: TestAsked) -> Any:
    """Messages are only recorded and variables are set on a copy; `http_*`, `ai`, `dify` and `db_query` calls are real.

    An operator may run a script that is saved in a task of the tenant; the tenant's administrators may run any script.
    """
    actor = caller(request)
    tenant_id = tenant_of_new(body, actor, Role.OPERATOR)
    if found := list(dependency_problems(body.script_deps or "", body.script_content, tenant_id)):
        raise UnprocessableError(FieldError(problem.field, problem.message) for problem in found)
    trial_request = TrialRequest(
        script_content=body.script_content,
        script_deps=body.script_deps or "",
        input_params=body.input_params or {},
        timeout_seconds=body.timeout_seconds,
        tenant_id=tenant_id,
        has_deps=bool(requirements_of(body.script_deps or "", body.script_content, tenant_id)),
    )
    if body.stream:
        return Status(202, {"test_id": _begin_trial(trial_request, actor)})
    with hold_place(tenant_id):  # before the test begins: a caller that gets 429 has begun none
        trial_id = _begin_trial(trial_request, actor)
        answer = trials.wait(trial_id)
    if answer.error_code == "no_worker":
        raise UnavailableError(answer.error, code="no_worker")
    return _outcome_shown(trial_id, tenant_id, answer)


def _begin_trial(trial_request: TrialRequest, actor: Actor) -> str:
    """Request the trial and return its id. Raises ForbiddenError, and any other error that `trials.ask` raises."""
    try:
        return trials.ask(trial_request, actor)
    except trials.UnsavedSourceError as error:
        text = _(
            "Only the tenant's administrators can test a script that is not saved in a task, because "
            "it could read secrets."
        )
        raise ForbiddenError(text) from error


@router.get(
    "/test-script/{test_id}", response=answers({200: TestShown}, 403, 404), summary="Read a test run's result"
)
def get_test(request: HttpRequest, test_id: str) -> Any:
    tenant_id = _tenant_of(test_id, caller(request))
    return _outcome_shown(test_id, tenant_id, trials.answer_of(test_id) or TrialOutcome("running"))


@router.get(
    "/test-script/{test_id}/lines",
    response=answers({200: Lines}, 403, 404, 422),
    summary="Read a test run's live log",
)
def get_test_lines(request: HttpRequest, test_id: str, query: Query[LinesQuery]) -> Any:
    _tenant_of(test_id, caller(request))
    return long_polling.until(has_news, lambda: _lines(test_id, query), query.wait)


def _lines(test_id: str, query: LinesQuery) -> dict[str, Any]:
    # The outcome is read before the lines: where a test ends in between, the caller asks again and misses no line.
    ended = trials.answer_of(test_id) is not None
    lines = trials.lines_after(test_id, query.after, query.limit)
    return {
        "items": [asdict(line) | {"at": datetime.fromisoformat(line.at)} for line in lines],
        "next_after": lines[-1].seq if lines else query.after,
        "finished": ended and len(lines) < query.limit,
    }


@router.post(
    "/test-script/{test_id}/cancel",
    response=answers({202: TestShown}, 403, 404),
    summary="Cancel a test run",
)
def cancel_test(request: HttpRequest, test_id: str) -> Any:
    """A test run that has already ended is not changed."""
    actor = caller(request)
    tenant_id = _tenant_of(test_id, actor)
    trials.cancel(test_id, actor)
    return Status(
        202, _outcome_shown(test_id, tenant_id, trials.answer_of(test_id) or TrialOutcome("running"))
    )


def _tenant_of(trial_id: str, actor: Actor) -> str | None:
    """Return the trial's tenant, None for a global one. Raises NotFoundError, ForbiddenError."""
    try:
        tenant_id = trials.tenant_of(trial_id)
    except KeyError as error:
        raise NotFoundError from error
    if not actor.sees(tenant_id):
        raise NotFoundError
    require_role(actor, Role.OPERATOR, tenant_id)
    return tenant_id


def _outcome_shown(trial_id: str, tenant_id: str | None, answer: TrialOutcome) -> dict[str, Any]:
    kinds = _channel_types(tenant_id)
    shown = asdict(answer) | {"output": "\n".join(line.text for line in trials.lines_after(trial_id))}
    shown["message_style"] = STYLE
    shown["message_preview"] = [item for unsent in answer.messages for item in _previews(unsent, kinds)]
    return shown


def _channel_types(tenant_id: str | None) -> list[str]:
    """Return the types of the tenant's enabled channels, DingTalk's where there are none."""
    rows = NotifyChannel.objects.filter(is_enabled=True)
    own = rows.none() if tenant_id is None else rows.filter(tenant_id=tenant_id)
    return sorted(set(own.values_list("channel_type", flat=True))) or [DINGTALK_BOT.name]


def _previews(unsent: UnsentMessage, kinds: list[str]) -> Iterator[dict[str, Any]]:
    message = read(unsent.message)
    if message is None:
        return
    for kind in [unsent.channel_type] if unsent.channel_type else kinds:
        rendered = CHANNEL_TYPES[kind].render(message, Page())
        yield {
            "origin": unsent.origin,
            "channel_type": kind,
            "payloads": list(rendered.payloads),
            "notes": [note.text for note in rendered.notes],
            "html": preview(rendered.payloads),
        }
