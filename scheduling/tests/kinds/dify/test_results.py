"""What a run's events and its result tell."""

from decimal import Decimal

import pytest

from scheduling.kinds.dify.client import InputField, OutcomeUnknownError, RunRequest, check_inputs
from scheduling.kinds.dify.client.events import (
    ErrorTold,
    IdsSeen,
    NodeFinished,
    NodeRetried,
    NodeStarted,
    RunStarted,
    StepBegun,
    StepsFinished,
    StepsStarted,
    TextStreamed,
)
from testing.servers.dify_replay import PING, replays, streams, transcript

from .app import Told, run_against

CHAT = RunRequest(user="u", app_type="chat", query="hello")


def test_the_outputs_come_from_the_final_event() -> None:
    result = run_against(replays(transcript("ok_streaming")))
    assert dict(result.outputs) == {
        "text": "# 日报 2026-11-20 00:00:00 ~ 2026-11-21 00:00:00 ✅\n"
        "- range: 2026-11-20 00:00:00 → 2026-11-21 00:00:00",
        "start_time": "2026-11-20 00:00:00",
        "end_time": "2026-11-21 00:00:00",
    }
    assert (result.steps, result.is_success, result.error) == (6, True, "")
    assert result.ids.run_id == "ea8856c4-1493-4c12-8731-73bbe93ba964"
    assert result.ids.task_id == "afc74b68-96a0-4dad-81c8-86a2220c898f"


def test_line_separators_inside_a_text_are_kept() -> None:
    result = run_against(replays(transcript("unicode_separators_streaming")))
    assert {"\u2028", "\u2029", "\u0085"} <= set(result.outputs["note"])


def test_the_ids_are_told_before_anything_else() -> None:
    told = Told()
    run_against(replays(transcript("ok_streaming")), told=told)
    assert isinstance(told.events[0], IdsSeen)
    assert isinstance(told.events[1], RunStarted)
    assert len(told.of(IdsSeen)) == 1


def test_each_node_is_told_as_it_starts_and_ends() -> None:
    told = Told()
    run_against(replays(transcript("ok_streaming")), told=told)
    started = [node.title for node in told.of(NodeStarted)]
    finished = [(node.title, node.status) for node in told.of(NodeFinished)]
    assert started == ["Start", "If weekly", "Daily report", "Aggregate", *started[4:]]
    assert finished == [(title, "succeeded") for title in started]


def test_a_failed_node_tells_its_error_and_fails_the_run() -> None:
    told = Told()
    result = run_against(replays(transcript("fail_streaming")), told=told)
    assert result.status == "failed"
    assert "ValueError: 数据源不可用: boom" in result.error
    assert told.of(NodeFinished)[-1].status == "failed"
    assert told.of(NodeFinished)[-1].error


def test_a_caught_exception_is_counted() -> None:
    result = run_against(replays(transcript("partial_streaming")))
    assert (result.status, result.exceptions, result.is_success) == ("partial-succeeded", 1, True)


def test_retries_are_told() -> None:
    told = Told()
    run_against(replays(transcript("retry_streaming")), told=told)
    assert [(node.title, node.retry_index) for node in told.of(NodeRetried)] == [
        ("Closed port", 1),
        ("Closed port", 2),
    ]


@pytest.mark.parametrize(
    ("name", "kind", "indices"), [("iteration", "iteration", [0, 1, 2]), ("loop", "loop", [1, 2, 3])]
)
def test_steps_of_iterations_and_loops_are_told(name: str, kind: str, indices: list[int]) -> None:
    told = Told()
    run_against(replays(transcript(f"{name}_streaming")), told=told)
    assert [steps.kind for steps in told.of(StepsStarted)] == [kind]
    assert [step.index for step in told.of(StepBegun)] == indices
    assert [steps.status for steps in told.of(StepsFinished)] == ["succeeded"]


def test_streamed_text_is_told_with_its_source() -> None:
    told = Told()
    result = run_against(replays(transcript("chat_streaming")), CHAT, told=told)
    texts = told.of(TextStreamed)
    assert "".join(text.text for text in texts) == "你好 测试 🎉" == result.outputs["answer"]
    assert texts[0].source == "answer.answer"
    assert all(text.is_answer for text in texts)


def test_a_pause_names_the_node_and_keeps_no_token() -> None:
    told = Told()
    result = run_against(replays(transcript("human_streaming")), told=told)
    assert result.pause is not None
    assert result.pause.node_titles == ("Approve",)
    assert "mT9DzYgombNIwEmTiMDqK8" not in repr((result, told.events))


def test_the_cause_told_by_an_error_event_outlives_the_generic_end() -> None:
    told = Told()
    result = run_against(replays(transcript("llm_streaming")), told=told)
    assert result.error.startswith("Failed to request plugin daemon")
    assert (result.status, result.error_code) == ("failed", "invalid_param")
    assert told.of(ErrorTold)[0].status == 400


def test_a_stopped_run_is_known_as_stopped() -> None:
    assert run_against(replays(transcript("stop_streaming"))).was_stopped
    assert not run_against(replays(transcript("fail_streaming"))).was_stopped


def finished(status: str = "succeeded", **data: object) -> dict[str, object]:
    return {
        "event": "workflow_finished",
        "workflow_run_id": "r1",
        "task_id": "t1",
        "data": {"id": "r1", "status": status, "outputs": {"x": 1}, **data},
    }


def node(tokens: int, total_price: str) -> dict[str, object]:
    metadata = {"total_tokens": tokens, "total_price": total_price, "currency": "USD"}
    return {"event": "node_finished", "data": {"title": "LLM", "execution_metadata": metadata}}


def test_tokens_and_price_are_counted() -> None:
    result = run_against(streams(node(10, "0.0012"), node(20, "0.0008"), finished(total_tokens=30)))
    assert (result.tokens, result.cost, result.currency) == (30, Decimal("0.0020"), "USD")


def test_a_run_without_prices_has_no_cost() -> None:
    assert run_against(streams(finished(total_tokens=30))).cost is None


USAGE = {"usage": {"total_tokens": 7, "total_price": "0.5", "currency": "RMB"}}


@pytest.mark.parametrize("order", [1, -1])
def test_a_chat_flow_waits_for_both_ends_in_either_order(order: int) -> None:
    ends: list[dict[str, object]] = [
        finished(total_tokens=7, outputs={"answer": "hi"}) | {"message_id": "m1"},
        {"event": "message_end", "message_id": "m1", "metadata": USAGE},
    ]
    started = {"event": "workflow_started", "workflow_run_id": "r1", "message_id": "m1", "data": {}}
    result = run_against(streams(started, *ends[::order], ending="stall"), CHAT)
    assert (result.status, result.outputs, result.tokens) == ("succeeded", {"answer": "hi"}, 7)
    assert (result.cost, result.currency) == (Decimal("0.5"), "RMB")


def test_a_chat_flow_that_fails_is_not_waited_for() -> None:
    end = finished("failed", error="boom") | {"message_id": "m1"}
    assert run_against(streams(end, ending="stall"), CHAT).status == "failed"


def test_a_chat_flow_whose_workflow_tells_no_end_is_unknown() -> None:
    started = {"event": "workflow_started", "workflow_run_id": "r1", "message_id": "m1", "data": {}}
    with pytest.raises(OutcomeUnknownError):
        run_against(streams(started, {"event": "message_end", "message_id": "m1"}), CHAT)


@pytest.mark.parametrize("event", ["message", "agent_message"])
def test_a_plain_chat_ends_with_its_message(event: str) -> None:
    told = Told()
    result = run_against(
        streams(
            PING,
            {"event": event, "task_id": "t1", "message_id": "m1", "conversation_id": "c1", "answer": "你"},
            {"event": "agent_thought", "thought": "hm", "tool": "search"},
            {"event": event, "answer": "好"},
            {"event": "tts_message", "audio": "…"},
            {"event": "message_end", "metadata": USAGE},
            ending="stall",
        ),
        CHAT,
        told=told,
    )
    assert (result.status, result.outputs, result.tokens) == ("succeeded", {"answer": "你好"}, 7)
    assert (result.ids.task_id, result.ids.conversation_id) == ("t1", "c1")


def test_a_replaced_answer_replaces_what_was_streamed() -> None:
    result = run_against(
        streams(
            {"event": "message", "answer": "bad"},
            {"event": "message_replace", "answer": "[removed]"},
            {"event": "message_end"},
        ),
        CHAT,
    )
    assert result.outputs == {"answer": "[removed]"}


def test_a_completion_app_answers_too() -> None:
    request = RunRequest(user="u", app_type="completion", inputs={"query": "x"})
    answer = streams({"event": "message", "answer": "done"}, {"event": "message_end"})
    assert run_against(answer, request).outputs == {"answer": "done"}


@pytest.mark.parametrize(
    "junk",
    [
        b"data: not json\n\n",
        b"data: [1,2]\n\n",
        b"data: " + b"[" * 100_000 + b"\n\n",
        b"data: \xff\xfe\n\n",
        {"event": "brand_new", "data": {"x": 1}},
        {"event": 7},
        {"event": "node_finished", "data": None},
        {"event": "node_finished", "data": {"title": 5, "execution_metadata": "x", "elapsed_time": "1"}},
        {"event": "iteration_next", "data": [1]},
        {"no": "event"},
    ],
)
def test_what_is_not_understood_is_skipped(junk: bytes | dict[str, object]) -> None:
    assert run_against(streams(junk, finished())).status == "succeeded"


def test_inputs_are_checked_against_the_form() -> None:
    fields = (
        InputField("start_time", "text-input", True),
        InputField("kind", "select", False),
        InputField("limit", "number", True),
        InputField("note", "paragraph", True),
    )
    check = check_inputs(fields, {"start_time": "", "limit": 0, "extra": 1})
    assert check.missing == ("start_time", "note")
    assert check.undeclared == ("extra",)
