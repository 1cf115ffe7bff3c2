"""The spans of a run, as a collector receives them."""

from __future__ import annotations

from scheduling.lifecycle import traces
from scheduling.models import Run
from scheduling.tests.make import MINUTE, NOW
from testing.patience import eventually
from testing.servers.otlp import Collector, Span

TRACE = "0123456789abcdef0123456789abcdef"


def received(collector: Collector, name: str) -> Span:
    eventually(lambda: name in collector.of(TRACE))
    return collector.of(TRACE)[name]


def seconds(span: Span) -> float:
    return (span.end - span.start) / 10**9


def run(**columns: object) -> Run:
    return Run(trace_id=TRACE, task_name="report", execution_type="script", status="success", **columns)


def test_publishing_lasts_from_when_a_run_might_be_published(collector: Collector) -> None:
    traces.trace_publishing([(TRACE, NOW)], NOW + MINUTE)
    assert seconds(received(collector, "publish")) == 60


def test_a_claim_lasts_as_long_as_the_message_has_waited(collector: Collector) -> None:
    traces.trace_claim(run(worker="w1", attempt=2), NOW, NOW + MINUTE)
    span = received(collector, "claim")
    assert (seconds(span), span.attributes) == (60, {"worker": "w1", "attempt": "2"})


def test_a_claim_without_a_known_message_takes_no_time(collector: Collector) -> None:
    traces.trace_claim(run(), None, NOW)
    assert seconds(received(collector, "claim")) == 0


def test_a_run_lasts_from_its_due_time_to_its_end(collector: Collector) -> None:
    traces.trace_end(run(due_at=NOW, created_at=NOW - MINUTE, finished_at=NOW + MINUTE, attempt=1))
    span = received(collector, "run")
    assert seconds(span) == 60
    assert span.attributes["task"] == "report"


def test_a_run_that_was_canceled_before_its_time_does_not_last_backwards(collector: Collector) -> None:
    traces.trace_end(run(due_at=NOW + MINUTE, created_at=NOW, finished_at=NOW))
    assert seconds(received(collector, "run")) == 0
