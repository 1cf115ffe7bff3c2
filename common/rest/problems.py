"""Errors as RFC 9457 problems.

Problem               .status, .code, .detail, .errors
├── Unauthorized      401
├── Forbidden         403
├── NotFound          404, also for a row that the caller must not know of
├── Conflict          409
├── TooLarge          413
├── Unprocessable     422, `errors` names each field at fault
├── TooMany           429, .retry_after in seconds
└── Unavailable       503, a part of the platform that the call needs does not answer
    └── DatabaseUnavailable, .retry_after in seconds
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from common.rest.encoding import json_bytes

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    """`field` as the request has it, with dots into lists and objects; "" is the body as a whole."""

    field: str
    message: str


class Problem(Exception):
    status = 400
    code = "bad_request"
    retry_after: int | None = None

    def __init__(self, detail: str, *, code: str = "", errors: Iterable[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail, self.errors = detail, tuple(errors)
        self.code = code or self.code


class Unauthorized(Problem):
    status, code = 401, "unauthorized"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or _("A valid token or a session is needed."))


class Forbidden(Problem):
    status, code = 403, "forbidden"

    def __init__(self, detail: str = "", *, code: str = "") -> None:
        super().__init__(detail or _("Your role does not allow this."), code=code)


class NotFound(Problem):
    status, code = 404, "not_found"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or _("There is no such thing here."))


class Conflict(Problem):
    status, code = 409, "conflict"


class TooLarge(Problem):
    status, code = 413, "too_large"


class Unprocessable(Problem):
    status, code = 422, "invalid"

    def __init__(self, errors: Iterable[FieldError], *, code: str = "") -> None:
        errors = tuple(errors)
        detail = "; ".join(f"{e.field}: {e.message}" if e.field else e.message for e in errors)
        super().__init__(detail, code=code, errors=errors)


class TooMany(Problem):
    status, code = 429, "too_many"

    def __init__(self, retry_after: float) -> None:
        self.retry_after = math.ceil(retry_after)
        super().__init__(_("Too many at once: try again in %(seconds)d s.") % {"seconds": self.retry_after})


class Unavailable(Problem):
    status, code = 503, "unavailable"


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(_("The database does not answer: try again in a moment."))


def invalid(field: str, message: str) -> Unprocessable:
    return Unprocessable([FieldError(field, message)])


def body_of(status: int, code: str, detail: str, errors: Iterable[FieldError] = ()) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [{"field": e.field, "message": e.message} for e in errors],
    }


def response_to(problem: Problem) -> HttpResponse:
    body = body_of(problem.status, problem.code, problem.detail, problem.errors)
    response = HttpResponse(json_bytes(body), status=problem.status, content_type=MEDIA_TYPE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    return response
