"""Log lines without secrets, as text or as JSON, with the trace that each belongs to: a run's, or in web a request's.

A path may hold a hook's token, and an error's text may hold anything that a service has sent.
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
    """Mark what this thread logs inside the block as part of the trace."""
    before = _trace_id.set(trace_id)
    try:
        yield
    finally:
        _trace_id.reset(before)


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible(mask_shapes(super().format(record)))


class JsonLines(logging.Formatter):
    """Formats a record as {"at", "level", "logger", "message", "trace_id"?, "error"?}."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask_shapes(record.getMessage()),
        }
        if trace_id := _trace_id.get() or _task_of_record(record):
            fields["trace_id"] = trace_id
        if record.exc_info:
            fields["error"] = mask_shapes(self.formatException(record.exc_info))
        return visible(json.dumps(fields, ensure_ascii=False))


class RefusalsInOneLine(logging.Filter):
    """Removes the traceback from Django's own record of a 400, 403 or 404: it is that of the exception behind it."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)  # set by Django
        if status is not None and status < 500:
            record.exc_info = None
        return True


def _task_of_record(record: logging.LogRecord) -> str:
    """Return the trace id of Celery's record about a message, "" for any other record.

    Celery logs about a message in another thread than the one that runs it; a run's message has the run's trace id.
    """
    data = getattr(record, "data", None)
    return str(data.get("id", "")) if isinstance(data, dict) else ""


class RequestTrace:
    """Middleware that puts the caller's `X-Request-Id`, or a new one, into a request's log lines and its response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        trace_id = given if SAFE.fullmatch(given) else uuid.uuid4().hex
        with tracing(trace_id):
            response = self.get_response(request)
        response.headers[HEADER] = trace_id
        return response
