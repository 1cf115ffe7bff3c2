"""One trace for each run, from its due time to its messages. It is off unless OTEL_EXPORTER_OTLP_ENDPOINT is set.

Beat, workers and the sender of messages know a run only by its `trace_id`. From that each derives the same trace and
the same first span (common/otel.py), so nothing has to be handed on with a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils import timezone

Value = str | int | float | bool
Attributes = dict[str, Value]


class Exporter(Protocol):
    def span(
        self, name: str, trace_id: str, start: datetime, end: datetime, error: str, attributes: Attributes
    ) -> None: ...

    def root(
        self, name: str, trace_id: str, start: datetime, end: datetime, attributes: Attributes
    ) -> None: ...


def is_on() -> bool:
    return bool(settings.OTEL_EXPORTER_OTLP_ENDPOINT)


@cache
def exporter() -> Exporter:
    from common.otel import Otel  # noqa: PLC0415  # not installed everywhere, and slow to import

    return Otel()


def span(name: str, trace_id: str, start: datetime, end: datetime, **attributes: Value) -> None:
    """Record a finished part of the run's trace."""
    if is_on() and trace_id:
        exporter().span(name, trace_id, start, end, "", attributes)


def root(name: str, trace_id: str, start: datetime, end: datetime, **attributes: Value) -> None:
    """Record the first span of the trace, of which all others are parts."""
    if is_on() and trace_id:
        exporter().root(name, trace_id, start, end, attributes)


@contextmanager
def spanning(name: str, trace_id: str, **attributes: Value) -> Iterator[None]:
    """Record the block as a part of the run's trace; an exception is its error."""
    start, error = timezone.now(), ""
    try:
        yield
    except BaseException as raised:
        error = f"{type(raised).__name__}: {raised}"
        raise
    finally:
        if is_on() and trace_id:
            exporter().span(name, trace_id, start, timezone.now(), error, attributes)
