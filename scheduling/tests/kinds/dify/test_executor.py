"""A Dify task's attempt against recorded answers of a real Dify: what each ends as, and what is done next."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from redis import ConnectionError

from common.http import Policy
from common.redis_windows import Leases
from scheduling.kinds.dify.client import DifyClient
from scheduling.kinds.dify.config import DifyConfig
from scheduling.kinds.dify.executor import DifyExecutor
from scheduling.tests.kinds.context import FakeContext
from scheduling.tests.kinds.dify.attempt import (
    APP,
    FINISHED,
    NO_INPUTS,
    OCCASION,
    RUN,
    Attempt,
    places,
    recorded,
)
from testing.servers.dify_replay import DifyReplay, says, streams


def test_a_workflow_that_succeeds_keeps_its_outputs_and_makes_a_message() -> None:
    attempt = Attempt(NO_INPUTS, recorded("ok_streaming"))
    assert attempt.ended == ("success", "")
    assert attempt.outcome.result["text"].startswith("# 日报")
    assert attempt.outcome.message == {"title": "日报", "content": attempt.outcome.result["text"]}
    assert attempt.context.kept == (RUN, "afc74b68-96a0-4dad-81c8-86a2220c898f")


def test_the_window_and_the_places_are_filled_in_the_tasks_zone() -> None:
    sent = Attempt(NO_INPUTS, recorded("ok_streaming")).requests[1].json()
    assert sent["inputs"] == {
        "note": "trace-1 2026-11-21 00:00:00",
        "limit": 3,
        "start_time": "2026-11-20 00:00:00",
        "end_time": "2026-11-21 00:00:00",
    }
    assert (sent["user"], sent["response_mode"]) == ("task-7", "streaming")


def test_the_window_goes_under_the_tasks_own_names_and_format() -> None:
    config: dict[str, Any] = {
        "window_start_param": "von",
        "window_end_param": "bis",
        "window_time_format": "%d.%m.",
    }
    inputs = Attempt(NO_INPUTS, recorded("ok_streaming"), **config).requests[1].json()["inputs"]
    assert (inputs["von"], inputs["bis"]) == ("20.11.", "21.11.")


def test_the_user_is_a_template() -> None:
    attempt = Attempt(NO_INPUTS, recorded("ok_streaming"), user="ops-{{ task_id }}")
    assert attempt.requests[1].json()["user"] == "ops-7"


def test_a_template_that_can_not_be_rendered_says_nothing_of_what_goes_on_in_dify() -> None:
    assert Attempt(user="{{ nothing }}").ended == ("failed", "config_error")
    going_on = FakeContext(kept=(RUN, ""))
    assert Attempt(context=going_on, user="{{ nothing }}").ended == ("failed", "dify_outcome_unknown")


def test_each_node_is_a_line() -> None:
    text = Attempt(NO_INPUTS, recorded("ok_streaming")).context.text
    assert "→ Daily report (code)" in text
    assert "✓ Daily report: succeeded" in text
    assert "■ succeeded" in text


def test_streamed_text_is_joined_to_lines() -> None:
    pieces = [{"event": "text_chunk", "data": {"text": text}} for text in ("one ", "line\nand", " another")]
    attempt = Attempt(NO_INPUTS, streams(*pieces, FINISHED))
    streamed = [text for stream, text in attempt.context.lines if stream == "stdout"]
    assert streamed == ["one line", "and another"]


@pytest.mark.parametrize(
    ("name", "ended"),
    [
        ("partial_streaming", ("success", "")),
        ("fail_streaming", ("failed", "dify_failed")),
        ("human_streaming", ("failed", "dify_paused")),
        ("stop_streaming", ("canceled", "canceled")),
        ("err_bad_key", ("failed", "dify_auth")),
        ("err_unpublished_streaming", ("failed", "config_error")),
        ("err_wrong_prefix", ("failed", "config_error")),
        ("limit429_0_streaming", ("failed", "dify_rate")),
        ("limit429b_1_blocking", ("failed", "dify_rate")),
    ],
)
def test_what_a_recorded_answer_ends_as(name: str, ended: tuple[str, str]) -> None:
    assert Attempt(NO_INPUTS, recorded(name)).ended == ended


def test_a_pause_names_who_is_waited_for_and_is_not_tried_again() -> None:
    outcome = Attempt(NO_INPUTS, recorded("human_streaming")).outcome
    assert not outcome.retryable
    assert "form" not in outcome.error.lower()


def test_too_many_requests_comes_again_by_itself() -> None:
    refusal = says(
        400, {"code": "invalid_param", "message": "Too many requests. Please try again", "status": 400}
    )
    outcome = Attempt(NO_INPUTS, refusal).outcome
    assert outcome.error_code == "dify_rate"
    assert outcome.again_after is not None


def test_nobody_listening_comes_again_by_itself() -> None:
    with DifyReplay() as dify:
        url = dify.url
    policy = Policy(allowed_networks=(ipaddress.ip_network("127.0.0.0/8"),))
    executor = DifyExecutor(DifyConfig(), OCCASION, DifyClient(url, "app-x", policy), places(), APP)
    outcome = executor.execute(FakeContext())
    assert outcome.error_code == "connect_error"
    assert outcome.again_after is not None


def test_each_time_nothing_could_start_the_pause_grows_up_to_a_minute() -> None:
    refusal = says(429, {"code": "rate_limit_error", "message": "slow down", "status": 429})
    pauses = []
    for unstarted in (0, 1, 2, 3, 4, 200):
        outcome = Attempt(NO_INPUTS, refusal, context=FakeContext(unstarted=unstarted)).outcome
        assert outcome.again_after is not None
        pauses.append(outcome.again_after.total_seconds())
    max_pauses = [6, 12, 24, 48, 60, 60]  # with a jitter of 20 % at most
    assert all(
        max_pause / 1.5 <= pause <= max_pause for pause, max_pause in zip(pauses, max_pauses, strict=True)
    )


class TestPlaces:
    def test_without_a_place_dify_is_not_asked_and_no_deadline_runs(self) -> None:
        with places().place(APP, "another run", is_going_on=True):
            attempt = Attempt(limit=1)
        assert (attempt.paths, attempt.ended) == ([], ("failed", "dify_rate"))
        assert attempt.outcome.postponed
        assert attempt.outcome.again_after is not None

    def test_a_recovered_run_needs_no_free_place(self) -> None:
        with places().place(APP, "another run", is_going_on=True):
            attempt = Attempt(recorded("ok_run_detail"), context=FakeContext(kept=(RUN, "t")), limit=1)
        assert attempt.outcome.status == "success"

    def test_after_a_run_its_place_is_free(self) -> None:
        Attempt(NO_INPUTS, recorded("ok_streaming"))
        assert places().leases.count(APP) == 0

    def test_without_redis_it_runs_and_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(*_: Any) -> bool:
            raise ConnectionError("gone")

        monkeypatch.setattr(Leases, "acquire", gone)
        attempt = Attempt(NO_INPUTS, recorded("ok_streaming"))
        assert attempt.outcome.status == "success"
        assert "the limit of concurrent runs is not enforced" in attempt.context.text


def test_a_missing_required_input_is_told_before_the_call() -> None:
    form = [{"text-input": {"variable": "city", "label": "City", "required": True}}]
    attempt = Attempt(says(200, {"user_input_form": form}))
    assert attempt.ended == ("failed", "config_error")
    assert "city" in attempt.outcome.error
    assert "note" in attempt.context.text  # declared nowhere: Dify would drop it


class TestWhatIsShown:
    def test_a_caught_error_is_that_of_the_node(self) -> None:
        text = Attempt(NO_INPUTS, recorded("partial_streaming")).context.text
        assert "ValueError: boom" in text
        assert "Unknown error" not in text
        assert "1 caught exception" in text
        assert "caught exceptions" not in text

    def test_an_error_that_ends_the_run_was_not_caught(self) -> None:
        assert "caught" not in Attempt(NO_INPUTS, recorded("fail_streaming")).context.text

    def test_what_dify_refuses_in_the_guise_of_a_run_has_no_id(self) -> None:
        attempt = Attempt(NO_INPUTS, recorded("err_select_bad_option_streaming"))
        assert attempt.ended == ("failed", "dify_failed")
        assert "In Dify this is" not in attempt.context.text
        assert attempt.context.kept == ("", "")

    def test_a_value_that_is_no_option_is_told_before_the_call(self) -> None:
        form = [{"select": {"variable": "note", "required": False, "options": ["daily", "weekly"]}}]
        attempt = Attempt(says(200, {"user_input_form": form}))
        assert attempt.ended == ("failed", "config_error")
        assert attempt.outcome.error == "The input note must be one of: daily, weekly."

    def test_each_streamed_text_has_its_variables_name_above(self) -> None:
        chunks = [
            {"event": "text_chunk", "data": {"text": text, "from_variable_selector": ["end", name]}}
            for name, text in (("a", "1"), ("b", "2"), ("b", "3"))
        ]
        lines = [text for _, text in Attempt(NO_INPUTS, streams(*chunks, FINISHED)).context.lines]
        first = lines.index("▤ end.a")
        assert lines[first : first + 4] == ["▤ end.a", "1", "▤ end.b", "23"]

    def test_a_long_streamed_text_is_cut_in_the_log(self) -> None:
        data = {"text": "0123456789\n" * 15_000, "from_variable_selector": ["end", "a"]}
        context = Attempt(NO_INPUTS, streams({"event": "text_chunk", "data": data}, FINISHED)).context
        assert len(context.lines) < 520
        assert "characters more, which the outputs have" in context.text
