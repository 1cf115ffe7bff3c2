"""Errors as RFC 9457 problems.

ProblemError              .status, .code, .detail, .errors
├── UnauthorizedError     401
├── ForbiddenError        403
├── NotFoundError         404, also for a row that the caller must not know of
├── ConflictError         409
├── TooLargeError         413
├── UnprocessableError    422, `errors` names each field at fault
├── TooManyRequestsError  429, .retry_after in seconds
└── UnavailableError      503, a part of the platform that the call needs does not answer
    └── DatabaseUnavailableError, .retry_after in seconds
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
    """A fault in a request. `field` is its name there, with dots into lists and objects; "" is the body as a whole."""

    field: str
    message: str


class ProblemError(Exception):
    status = 400
    code = "bad_request"
    retry_after: int | None = None

    def __init__(self, detail: str, *, code: str = "", errors: Iterable[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail, self.errors = detail, tuple(errors)
        self.code = code or self.code


class UnauthorizedError(ProblemError):
    status, code = 401, "unauthorized"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or _("Send a valid token, or log in."))


class ForbiddenError(ProblemError):
    status, code = 403, "forbidden"

    def __init__(self, detail: str = "", *, code: str = "") -> None:
        super().__init__(detail or _("Your role does not allow this."), code=code)


class NotFoundError(ProblemError):
    status, code = 404, "not_found"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or _("The requested object does not exist."))


class ConflictError(ProblemError):
    status, code = 409, "conflict"


class TooLargeError(ProblemError):
    status, code = 413, "too_large"


class UnprocessableError(ProblemError):
    status, code = 422, "invalid"

    def __init__(self, errors: Iterable[FieldError], *, code: str = "") -> None:
        errors = tuple(errors)
        detail = "; ".join(f"{e.field}: {e.message}" if e.field else e.message for e in errors)
        super().__init__(detail, code=code, errors=errors)


class TooManyRequestsError(ProblemError):
    status, code = 429, "too_many"

    def __init__(self, retry_after: float) -> None:
        self.retry_after = math.ceil(retry_after)
        super().__init__(_("Too many requests: try again in %(seconds)d s.") % {"seconds": self.retry_after})


class UnavailableError(ProblemError):
    status, code = 503, "unavailable"


class DatabaseUnavailableError(UnavailableError):
    code = "database_unavailable"
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(_("The database does not answer: try again in a moment."))


def invalid(field: str, message: str) -> UnprocessableError:
    return UnprocessableError([FieldError(field, message)])


def body_of(status: int, code: str, detail: str, errors: Iterable[FieldError] = ()) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [{"field": e.field, "message": e.message} for e in errors],
    }


def response_to(problem: ProblemError) -> HttpResponse:
    body = body_of(problem.status, problem.code, problem.detail, problem.errors)
    response = HttpResponse(json_bytes(body), status=problem.status, content_type=MEDIA_TYPE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    return response
