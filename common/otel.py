"""Spans by OpenTelemetry (requirements/otel.txt), sent to OTEL_EXPORTER_OTLP_ENDPOINT by OTLP over HTTP.

The trace's id is the run's `trace_id` read as a number, and the id of its first span is the second half of that. Only
`common.traces` imports this module, when it is needed.
"""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from datetime import datetime

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

Attributes = dict[str, str | int | float | bool]

EXPORT_EVERY_MS = 1000  # short, because Celery ends its children without a warning: so little is lost
_first_span: ContextVar[tuple[int, int] | None] = ContextVar("first span's ids", default=None)


def trace_ids(trace_id: str) -> tuple[int, int]:
    """Return the ids of the trace and of its first span, neither of them 0."""
    try:
        trace = int(trace_id, 16)
    except ValueError:
        trace = 0
    if len(trace_id) != 32 or not trace:
        trace = int.from_bytes(hashlib.sha256(trace_id.encode()).digest()[:16])
    return trace, trace & (1 << 64) - 1 or 1


class Ids(RandomIdGenerator):
    def generate_trace_id(self) -> int:
        first = _first_span.get()
        return first[0] if first else super().generate_trace_id()

    def generate_span_id(self) -> int:
        first = _first_span.get()
        return first[1] if first else super().generate_span_id()


class Otel:
    """The implementation of `common.traces.Exporter`."""

    def __init__(self) -> None:
        resource = Resource.create({"service.name": "task-platform"})  # OTEL_SERVICE_NAME overrides it
        provider = TracerProvider(resource=resource, id_generator=Ids())
        provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=EXPORT_EVERY_MS)
        )
        self.tracer: Tracer = provider.get_tracer("task-platform")

    def span(
        self, name: str, trace_id: str, start: datetime, end: datetime, error: str, attributes: Attributes
    ) -> None:
        trace, first = trace_ids(trace_id)
        parent = SpanContext(trace, first, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        inside = set_span_in_context(NonRecordingSpan(parent), Context())
        self._record_span(name, inside, start, end, error, attributes)

    def root(self, name: str, trace_id: str, start: datetime, end: datetime, attributes: Attributes) -> None:
        before = _first_span.set(trace_ids(trace_id))
        try:
            self._record_span(name, Context(), start, end, "", attributes)
        finally:
            _first_span.reset(before)

    def _record_span(
        self, name: str, inside: Context, start: datetime, end: datetime, error: str, attributes: Attributes
    ) -> None:
        span = self.tracer.start_span(name, inside, attributes=attributes, start_time=_nanoseconds(start))
        if error:
            span.set_status(StatusCode.ERROR, error)
        span.end(_nanoseconds(end))


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000
