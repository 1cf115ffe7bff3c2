"""Log lines without secrets, as text or as JSON, and the trace that each belongs to: a run's, in web a request's.

A path may hold a hook's token, an error's text whatever a service has said.
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from common.redact import mask_shapes
from common.visible import visible

HEADER = "X-Request-Id"
SAFE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_trace_id: ContextVar[str] = ContextVar("trace_id", default="")


@contextmanager
def tracing(trace_id: str) -> Iterator[None]:
    """What this thread logs inside belongs to the trace."""
    before = _trace_id.set(trace_id)
    try:
        yield
    finally:
        _trace_id.reset(before)


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible(mask_shapes(super().format(record)))


class JsonLines(logging.Formatter):
    """{"at", "level", "logger", "message", "trace_id"?, "error"?}"""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask_shapes(record.getMessage()),
        }
        if trace_id := _trace_id.get() or _celerys(record):
            said["trace_id"] = trace_id
        if record.exc_info:
            said["error"] = mask_shapes(self.formatException(record.exc_info))
        return visible(json.dumps(said, ensure_ascii=False))


class RefusalsInOneLine(logging.Filter):
    """Django's own record of a 400, 403 or 404 has the trace of the exception that meant it."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)  # Django's
        if status is not None and status < 500:
            record.exc_info = None
        return True


def _celerys(record: logging.LogRecord) -> str:
    """Celery tells of a message in another thread than it runs in; a run's message has its trace id."""
    data = getattr(record, "data", None)
    return str(data.get("id", "")) if isinstance(data, dict) else ""


class RequestTrace:
    """Middleware: the caller's `X-Request-Id`, else a new one, in the lines of a request and in its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        trace_id = given if SAFE.fullmatch(given) else uuid.uuid4().hex
        with tracing(trace_id):
            response = self.get_response(request)
        response.headers[HEADER] = trace_id
        return response
