"""The REST API put together: every app's endpoints under /api/."""

from __future__ import annotations

from typing import Any

from django.core import exceptions
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from redis import RedisError

import scheduling.api.channels  # noqa: F401  adds DELETE to the channels
from common.concurrency import RETRY_AFTER_SECONDS, NoPlaceError
from common.rest import problems
from common.rest.answers import Renderer
from common.rest.bodies import StrictParser
from common.rest.problems import MEDIA_TYPE, FieldError, response_to
from common.rest.refusals import field_errors
from notifications.api import channels, deliveries, previews, wecom_apps
from platform_site.observability import stats_api
from scheduling.api import (
    backfills,
    calendars,
    data_sources,
    default_task,
    dify,
    failures,
    hooks,
    runs,
    schedules,
    script_checks,
    script_vars,
    tasks,
    trials,
    versions,
    window_cursor,
)
from tenants.api import audit, configs, secrets, tenants, tokens, users
from tenants.api.auth import Session, Token


class PlatformApi(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the schema, with the media type that problems have: Ninja knows only one for all responses."""
        schema = super().get_openapi_schema(**options)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400:
                        answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
        return schema


api = PlatformApi(
    title="Task platform",
    version="1",
    description="Runs Dify workflows, webhooks and Python scripts on schedule, and sends their results "
    "to chat groups.",
    auth=[Token(), Session()],
    parser=StrictParser(),
    renderer=Renderer(),
)
api.add_router("/scheduled-tasks", tasks.router)
api.add_router("/scheduled-tasks", versions.router)
api.add_router("/scheduled-tasks", window_cursor.router)
api.add_router("/scheduled-tasks", trials.router)
api.add_router("/scheduled-tasks", script_checks.router)
api.add_router("/schedules", schedules.router)
api.add_router("/calendars", calendars.router)
api.add_router("/task-logs", runs.router)
api.add_router("/failures", failures.router)
api.add_router("/notification-channels", channels.router)
api.add_router("/wecom-apps", wecom_apps.router)
api.add_router("/deliveries", deliveries.router)
api.add_router("/messages", previews.router)
api.add_router("/stats", stats_api.router)
api.add_router("/script-vars", script_vars.router)
api.add_router("/data-sources", data_sources.router)
api.add_router("/tenants", tenants.router)
api.add_router("/users", users.router)
api.add_router("/tokens", tokens.router)
api.add_router("/tenant-configs", configs.router)
api.add_router("/secrets", secrets.router)
api.add_router("/audit", audit.router)
api.add_router("", backfills.router)
api.add_router("", default_task.router)
api.add_router("", dify.router)
api.add_router("", hooks.router)


@api.exception_handler(problems.ProblemError)
def problem(request: HttpRequest, error: problems.ProblemError) -> HttpResponse:
    return response_to(error)


@api.exception_handler(AuthenticationError)
def nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return response_to(problems.UnauthorizedError())


@api.exception_handler(HttpError)
def unread(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer an error of the parser, which Ninja wraps in one of its own."""
    cause = error.__cause__
    return response_to(
        cause if isinstance(cause, problems.ProblemError) else problems.ProblemError(str(error))
    )


@api.exception_handler(ValidationError)
def wrong_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return response_to(problems.UnprocessableError(field_errors(error.errors)))


@api.exception_handler(exceptions.ValidationError)
def refused(request: HttpRequest, error: exceptions.ValidationError) -> HttpResponse:
    """Answer where a rule refused the row when it was written, after the schema had accepted the request."""
    fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    found = [FieldError(name, " ".join(messages)) for name, messages in fields.items()]
    return response_to(problems.UnprocessableError(found))


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return response_to(problems.TooLargeError(_("The body is over 4 MiB.")))


@api.exception_handler(RedisError)
@api.exception_handler(OperationalError)
def redis_away(request: HttpRequest, error: Exception) -> HttpResponse:
    return response_to(problems.UnavailableError(_("Redis does not answer: no worker can be reached.")))


@api.exception_handler(NoPlaceError)
def no_place(request: HttpRequest, error: NoPlaceError) -> HttpResponse:
    return response_to(problems.TooManyRequestsError(RETRY_AFTER_SECONDS))


@api.exception_handler(UnreadablePostError)
def broken_off(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
    return response_to(problems.ProblemError(_("The request body is incomplete.")))
