"""Makes every error under /api/ a problem, also those of requests that never reach an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from common.rest.encoding import json_bytes
from common.rest.problems import MEDIA_TYPE, body_of

PREFIX = "/api/"


class ProblemMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith(PREFIX) and response.status_code >= 400 and not settings.DEBUG:
            _as_problem(response)
        return response


def _as_problem(response: HttpResponseBase) -> None:
    """Turn Django's own error page into a problem; its headers (Allow, Vary) stay."""
    if response.headers.get("Content-Type", "") == MEDIA_TYPE or response.streaming:
        return
    status = HTTPStatus(response.status_code)
    body = body_of(status, status.name.lower(), status.description or status.phrase)
    response.content = json_bytes(body)  # type: ignore[attr-defined]
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
