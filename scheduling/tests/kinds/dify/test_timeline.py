"""From the events of recorded runs to the bars of the run's page."""

from __future__ import annotations

import json
from itertools import count

from scheduling.kinds.dify.client.event_reader import read_event
from scheduling.kinds.dify.client.events import (
    Event,
    NodeFinished,
    NodeStarted,
    StepBegun,
    StepsStarted,
    TextStreamed,
)
from scheduling.kinds.dify.timeline import MAX_NESTED, MAX_SPANS, Span, Timeline, advance, as_json
from testing.servers.dify_replay import transcript


def drawn(*events: Event) -> Timeline:
    """Each event a second after the one before."""
    timeline = Timeline()
    for at, event in zip(count(), events, strict=False):
        timeline = advance(timeline, event, at)
    return timeline


def of_recorded(name: str) -> list[Span]:
    body = transcript(name).answer.partition(b"\r\n\r\n")[2]
    frames = (line.removeprefix(b"data: ") for line in body.split(b"\n") if line.startswith(b"data: {"))
    events = (read_event(json.loads(frame)) for frame in frames)
    return list(drawn(*(event for event in events if event)).spans.values())


def started(execution: str, node: str = "n", *, inside: str = "") -> NodeStarted:
    return NodeStarted(execution, node, "code", f"Node {node}", inside, "")


def finished(execution: str, node: str = "n", *, error: str = "", step: int | None = None) -> NodeFinished:
    return NodeFinished(
        execution, node, "code", "", "failed" if error else "succeeded", error, 0.5, 7, None, "", "", "", step
    )


def test_a_node_is_a_span_from_its_start_to_its_end() -> None:
    [span] = drawn(started("e"), finished("e")).spans.values()
    assert span == Span("n", "code", "Node n", 0, 1, "succeeded", tokens=7)


def test_a_node_without_an_end_is_still_running() -> None:
    [span] = drawn(started("e")).spans.values()
    assert (span.status, span.finished_at) == ("running", None)


def test_two_executions_of_one_node_are_two_spans() -> None:
    timeline = drawn(started("a"), started("b"), finished("b"), finished("a"))
    assert [span.finished_at for span in timeline.spans.values()] == [3, 2]


def test_the_rounds_of_an_iteration_are_told_apart() -> None:
    spans = of_recorded("iteration_streaming")
    iteration = next(span for span in spans if span.kind == "iteration")
    inner = [span for span in spans if span.inside == iteration.node_id]
    assert [(span.title, span.step) for span in inner] == [("Generate Pair", n) for n in range(3)]
    assert iteration.status == "succeeded"
    assert iteration.finished_at is not None


def test_a_loops_first_round_is_not_announced_but_counted() -> None:
    inner = [span for span in of_recorded("loop_streaming") if span.inside]
    assert [span.step for span in inner] == [0, 1, 2, 3]


def test_rounds_side_by_side_are_told_by_their_ends() -> None:
    steps: list[Event] = [StepsStarted("iteration", "it", "I"), StepBegun("iteration", "it", "I", 0)]
    later = StepBegun("iteration", "it", "I", 1)
    timeline = drawn(*steps, later, started("a", inside="it"), finished("a", step=0))
    assert timeline.spans["a"].step == 0


def test_an_iteration_that_is_announced_as_a_node_too_is_one_span() -> None:
    timeline = drawn(NodeStarted("e", "it", "iteration", "I", "", ""), StepsStarted("iteration", "it", "I"))
    assert list(timeline.spans) == ["e"]


def test_retries_and_the_error_stand_with_the_node() -> None:
    span = of_recorded("retry_streaming")[-1]
    assert (span.title, span.retries, span.status) == ("Closed port", 2, "failed")
    assert "refused" in span.error


def test_other_events_change_nothing() -> None:
    assert drawn(TextStreamed("a", "", is_answer=False), finished("never started")) == Timeline()


def test_a_long_loop_leaves_room_for_what_comes_after_it() -> None:
    inner = [started(f"in {n}", inside="it") for n in range(MAX_NESTED + 5)]
    timeline = drawn(*inner, started("after"))
    assert "after" in timeline.spans
    assert (len(timeline.spans), timeline.left_out) == (MAX_NESTED + 1, 5)


def test_there_is_an_end_to_it() -> None:
    timeline = drawn(*(started(str(n)) for n in range(MAX_SPANS + 3)))
    assert (len(timeline.spans), timeline.left_out) == (MAX_SPANS, 3)


def test_as_json_it_can_be_stored() -> None:
    stored = as_json(drawn(started("e"), finished("e")))
    assert stored is not None
    assert json.loads(json.dumps(stored))["spans"][0]["title"] == "Node n"
    assert as_json(Timeline()) is None
