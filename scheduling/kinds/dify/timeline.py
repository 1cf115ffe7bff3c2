"""What ran inside a Dify run, and when: from its events to the bars on the run's page.

Pure: `advance` makes a new timeline of an old one. Times are seconds from the call to the event's arrival, because
Dify's own times are whole seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from scheduling.kinds.dify.client.events import (
    Event,
    NodeFinished,
    NodeRetried,
    NodeStarted,
    StepBegun,
    StepsFinished,
    StepsStarted,
)

MAX_SPANS = 500
MAX_NESTED = 400  # a long loop must not push out what comes after it


@dataclass(frozen=True)
class Span:
    """One execution of a node. `inside` is the node id of the iteration or loop around it, `step` its round, from 0.

    If no end was seen, `finished_at` is None and `status` is "running".
    """

    node_id: str
    kind: str
    title: str
    started_at: float
    finished_at: float | None = None
    status: str = "running"
    tokens: int | None = None
    error: str = ""
    retries: int = 0
    inside: str = ""
    step: int | None = None


@dataclass(frozen=True)
class Timeline:
    """Spans by execution, in the order of their starts; `steps` holds the round that each iteration or loop is in."""

    spans: Mapping[str, Span] = field(default_factory=dict)
    steps: Mapping[str, int] = field(default_factory=dict)
    left_out: int = 0


def advance(timeline: Timeline, event: Event, at: float) -> Timeline:
    match event:
        case NodeStarted():
            inside = event.iteration_id or event.loop_id
            span = Span(event.node_id, event.kind, event.title, _rounded(at), inside=inside)
            return _with(timeline, event.execution_id, replace(span, step=timeline.steps.get(inside)))
        case StepsStarted():
            span = Span(event.node_id, event.kind, event.title, _rounded(at))
            # A loop's first round is not announced.
            begun = replace(timeline, steps={**timeline.steps, event.node_id: 0})
            return begun if _steps_id(timeline, event.node_id) else _with(begun, event.node_id, span)
        case StepBegun():
            return replace(timeline, steps={**timeline.steps, event.node_id: event.index})
        case NodeRetried():
            return _changed(timeline, event.execution_id, retries=event.retry_index)
        case NodeFinished():
            found = _finished(timeline, event.execution_id, event, at)
            # The end has the exact round, also where rounds run in parallel.
            return found if event.step is None else _changed(found, event.execution_id, step=event.step)
        case StepsFinished():
            return _finished(timeline, _steps_id(timeline, event.node_id), event, at)
    return timeline


def as_json(timeline: Timeline) -> dict[str, Any] | None:
    """Return {"spans": […], "left_out": n}, or None where nothing was seen."""
    if not timeline.spans:
        return None
    return {"spans": [asdict(span) for span in timeline.spans.values()], "left_out": timeline.left_out}


def _with(timeline: Timeline, execution_id: str, span: Span) -> Timeline:
    if len(timeline.spans) >= (MAX_NESTED if span.inside else MAX_SPANS):
        return replace(timeline, left_out=timeline.left_out + 1)
    return replace(timeline, spans={**timeline.spans, execution_id: span})


def _finished(timeline: Timeline, key: str, event: NodeFinished | StepsFinished, at: float) -> Timeline:
    return _changed(
        timeline,
        key,
        finished_at=_rounded(at),
        status=event.status,
        tokens=event.tokens,
        error=event.error,
    )


def _changed(timeline: Timeline, key: str, **changes: Any) -> Timeline:
    span = timeline.spans.get(key)
    if span is None:
        return timeline
    return replace(timeline, spans={**timeline.spans, key: replace(span, **changes)})


def _steps_id(timeline: Timeline, node_id: str) -> str:
    """Find the running span of an iteration or loop, which some versions announce as a node too; "" for none."""
    running = (k for k, s in timeline.spans.items() if s.node_id == node_id and s.finished_at is None)
    return next(running, "")


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
