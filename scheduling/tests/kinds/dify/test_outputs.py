"""What a run in Dify leaves: its message, its result, its tokens and its lines in the log."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling.execution import Outcome
from scheduling.kinds.dify.config import DifyConfig
from scheduling.kinds.dify.message import message_of
from scheduling.tests.kinds.context import FakeContext
from scheduling.tests.kinds.dify.attempt import (
    FINISHED,
    NO_INPUTS,
    OCCASION,
    RUN,
    Attempt,
    recorded,
)
from testing.servers.dify_replay import streams


class TestMessages:
    def test_a_template_may_make_text(self) -> None:
        template = "# {{ task_name }}\n{{ outputs.text }}"
        attempt = Attempt(NO_INPUTS, recorded("ok_streaming"), result_template=template)
        assert attempt.outcome.message["content"].startswith("# 日报\n# 日报")

    def test_a_template_may_make_a_message_as_scripts_do(self) -> None:
        template = '{"msg_type": "text", "content": {{ outputs.text|tojson }}, "at_all": true}'
        attempt = Attempt(NO_INPUTS, recorded("ok_streaming"), result_template=template)
        assert attempt.outcome.message["msg_type"] == "text"
        assert attempt.outcome.message["at_all"] is True

    def test_a_template_sees_the_outputs_the_window_the_task_and_the_run(self) -> None:
        template = (
            "{{ task.name }} {{ window.start }} {{ run.due_at }} {{ run.trace_id }} {{ outputs|length }}"
        )
        attempt = Attempt(NO_INPUTS, recorded("ok_streaming"), result_template=template)
        content = attempt.outcome.message["content"]
        assert content.startswith("日报 2026-11-20 00:00:00 2026-11-21 00:00:00 trace-1")

    @pytest.mark.parametrize("template", ["{{ outputs.nothing.here }}", "{{ nobody }}", "{% for %}"])
    def test_a_wrong_template_fails_no_run_that_has_succeeded(self, template: str) -> None:
        attempt = Attempt(NO_INPUTS, recorded("ok_streaming"), result_template=template)
        assert attempt.ended == ("success", "")
        assert attempt.outcome.result["text"].startswith("# 日报")
        assert attempt.outcome.message is None
        assert attempt.outcome.unsaid.startswith(
            "There is no message, the message template can't be rendered: "
        )
        assert attempt.outcome.unsaid in attempt.context.text

    def test_a_template_that_makes_too_deep_a_message_fails_none_either(self) -> None:
        template = '{"content": ' + "[" * 500 + "]" * 500 + "}"
        attempt = Attempt(NO_INPUTS, recorded("ok_streaming"), result_template=template)
        assert attempt.ended == ("success", "")
        assert "more than 64 levels" in attempt.outcome.unsaid


class TestOutputsThatAreNotKept:
    def outcome_of(self, outputs: dict[str, Any]) -> tuple[Outcome, str]:
        finished = {**FINISHED, "data": {"id": RUN, "status": "succeeded", "outputs": outputs}}
        attempt = Attempt(NO_INPUTS, streams(finished))
        return attempt.outcome, attempt.context.text

    def test_are_nested_too_deeply(self) -> None:
        deep: Any = "end"
        for _ in range(64):
            deep = [deep]
        outcome, lines = self.outcome_of({"deep": deep, "text": "done"})
        assert (outcome.status, outcome.result) == ("success", {"text": "done"})
        assert "The output deep is left out: it is nested more than 63 levels deep." in lines

    def test_are_too_large_together(self) -> None:
        outcome, lines = self.outcome_of({"a": "x" * (3 << 20), "b": "y" * (3 << 20), "text": "done"})
        assert (outcome.status, sorted(outcome.result)) == ("success", ["a", "text"])
        assert "The output b is left out: it takes 3,145,730 bytes as JSON" in lines


@pytest.mark.parametrize("tokens", [0, 7, None])
def test_0_tokens_are_0_and_none_are_not_told(tokens: int | None) -> None:
    data: dict[str, Any] = {"id": RUN, "status": "succeeded", "outputs": {}, "total_tokens": tokens}
    assert Attempt(NO_INPUTS, streams({**FINISHED, "data": data})).outcome.tokens == tokens


def test_what_a_failed_run_has_cost_is_counted_too() -> None:
    data = {"id": RUN, "status": "failed", "error": "broke", "total_tokens": 12}
    assert Attempt(NO_INPUTS, streams({**FINISHED, "data": data})).outcome.tokens == 12


@pytest.mark.parametrize(
    ("outputs", "content"),
    [
        ({"text": "a", "start_time": "b"}, "a"),
        ({"report": "a"}, "a"),
        ({"a": "1", "b": "2"}, "**a**\n\n1\n\n**b**\n\n2"),
        ({"table": [1]}, "```\n[\n  1\n]\n```"),
    ],
)
def test_the_message_of_outputs_without_a_template(outputs: dict[str, Any], content: str) -> None:
    assert message_of(outputs, DifyConfig(), OCCASION, FakeContext()) == {"title": "日报", "content": content}


def test_outputs_that_are_a_message_are_sent_as_they_are() -> None:
    outputs = {"msg_type": "text", "content": "hi"}
    assert message_of(outputs, DifyConfig(), OCCASION, FakeContext()) == outputs


def test_a_long_output_is_cut_in_the_message_and_its_size_said() -> None:
    message = message_of({"a": "x" * 30_000, "b": "short"}, DifyConfig(), OCCASION, FakeContext())
    assert "30,000 characters in total" in message["content"]
    assert "short" in message["content"]
    assert len(message["content"]) < 21_000


def test_the_result_keeps_outputs_whole_and_the_log_their_sizes() -> None:
    long = "x" * 100_000
    finished = FINISHED | {"data": {"status": "succeeded", "outputs": {"text": long}}}
    attempt = Attempt(NO_INPUTS, streams(finished))
    assert attempt.outcome.result == {"text": long}
    assert "Outputs: text (100,000 characters)" in attempt.context.text


def test_the_nodes_are_drawn_as_they_begin_and_end() -> None:
    drawn = Attempt(NO_INPUTS, recorded("ok_streaming")).context.timelines
    assert [len(one["spans"]) for one in drawn][:3] == [1, 1, 2]
    assert [one["spans"][0]["status"] for one in drawn][:2] == ["running", "succeeded"]


def test_what_ran_is_kept_as_a_timeline_whatever_the_end() -> None:
    timeline = Attempt(NO_INPUTS, recorded("fail_streaming")).outcome.timeline
    assert timeline["spans"][-1]["status"] == "failed"


def test_outputs_that_say_nothing_send_nothing() -> None:
    assert message_of({"text": "", "list": []}, DifyConfig(), OCCASION, FakeContext()) is None
