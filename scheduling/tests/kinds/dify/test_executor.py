"""A Dify task's attempt against recorded answers of a real Dify: what each ends as, and what is done next."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import ConnectionError

from common.http import Policy
from common.redis_client import client
from common.redis_windows import Leases
from scheduling.execution import Occasion, Outcome
from scheduling.kinds.dify.client import DifyClient
from scheduling.kinds.dify.concurrency import Places
from scheduling.kinds.dify.config import DifyConfig
from scheduling.kinds.dify.executor import DifyExecutor
from scheduling.kinds.dify.message import message_of
from scheduling.tests.kinds.context import FakeContext
from testing.servers.dify_replay import PING, Answer, DifyReplay, replays, says, streams, transcript

OCCASION = Occasion(
    task_id=7,
    task_name="日报",
    tenant_id="acme",
    trace_id="trace-1",
    timezone="Asia/Shanghai",
    due_at="2026-11-20T16:00:00+00:00",
    window_start="2026-11-19T16:00:00+00:00",
    window_end="2026-11-20T16:00:00+00:00",
    params={"note": "{trace_id} {due_at}", "limit": 3},
)
RUN = "ea8856c4-1493-4c12-8731-73bbe93ba964"
NO_INPUTS = says(200, {"user_input_form": []})
STOPPED = says(200, {"result": "success"})


FINISHED = {
    "event": "workflow_finished",
    "workflow_run_id": RUN,
    "task_id": "t",
    "data": {"id": RUN, "status": "succeeded", "outputs": {"text": "done"}},
}


APP = "app"


def places(limit: int = 10) -> Places:
    return Places(Leases(client(), "dify"), limit)


class Attempt:
    """Runs the executor against these answers; `/parameters` is asked first unless a run is recovered."""

    def __init__(
        self, *answers: Answer, context: FakeContext | None = None, limit: int = 10, **config: Any
    ) -> None:
        self.context = context or FakeContext()
        with DifyReplay(*answers) as dify:
            policy = Policy(allowed_networks=(ipaddress.ip_network("127.0.0.0/8"),))
            dify_client = DifyClient(dify.url, "app-0123456789abcdef", policy)
            executor = DifyExecutor(DifyConfig(**config), OCCASION, dify_client, places(limit), APP)
            self.outcome: Outcome = executor.execute(self.context)
        self.paths = [request.path.split("?")[0] for request in dify.requests]
        self.requests = dify.requests

    @property
    def ended(self) -> tuple[str, str]:
        return self.outcome.status, self.outcome.error_code


def recorded(name: str) -> Answer:
    return replays(transcript(name))


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


class TestALostConnection:
    def test_the_run_is_followed_by_its_id_and_never_started_again(self) -> None:
        cut = recorded("ok_streaming").until(2500)
        attempt = Attempt(NO_INPUTS, cut, recorded("ok_run_detail"))
        assert attempt.outcome.status == "success"
        assert attempt.paths[1:] == ["/v1/workflows/run", f"/v1/workflows/run/{RUN}"]

    def test_an_earlier_attempts_run_is_recovered_not_started(self) -> None:
        attempt = Attempt(recorded("ok_run_detail"), context=FakeContext(kept=(RUN, "t")))
        assert attempt.outcome.status == "success"
        assert attempt.paths == [f"/v1/workflows/run/{RUN}"]

    def test_a_silent_end_without_any_id_is_looked_up_by_user(self) -> None:
        logs = says(200, {"data": [], "has_more": False, "limit": 100, "page": 1, "total": 0})
        attempt = Attempt(NO_INPUTS, streams(PING), logs, logs, logs)
        assert attempt.ended == ("failed", "dify_outcome_unknown")
        assert attempt.paths[2:] == ["/v1/workflows/logs"] * 3

    def test_a_lost_workers_call_is_looked_for_before_anything_is_started(self) -> None:
        called_at = datetime(2026, 11, 20, 16, tzinfo=UTC)
        row = {
            "workflow_run": {"id": RUN, "status": "running", "created_at": called_at.timestamp() + 1},
            "created_by_end_user": {"session_id": "task-7"},
        }
        context = FakeContext(called_at=called_at)
        attempt = Attempt(says(200, {"data": [row]}), recorded("ok_run_detail"), context=context)
        assert attempt.outcome.status == "success"
        assert attempt.paths == ["/v1/workflows/logs", f"/v1/workflows/run/{RUN}"]

    def test_a_chat_apps_lost_call_is_unknown(self) -> None:
        context = FakeContext(called_at=datetime(2026, 11, 20, 16, tzinfo=UTC))
        assert Attempt(context=context, app_type="chat").ended == ("failed", "dify_outcome_unknown")

    @pytest.mark.parametrize("again", [True, False])
    def test_an_unknown_outcome_is_tried_again_only_where_the_task_says_so(self, again: bool) -> None:
        logs = says(200, {"data": [], "has_more": False, "limit": 100, "page": 1, "total": 0})
        attempt = Attempt(NO_INPUTS, streams(PING), logs, logs, logs, retry_on_unknown=again)
        assert attempt.outcome.retryable is again


class TestCancel:
    def test_it_stops_the_run_in_dify(self) -> None:
        context = FakeContext(kept=(RUN, "task-1"))
        context.switch.cancel()
        attempt = Attempt(STOPPED, context=context)
        assert attempt.ended == ("canceled", "canceled")
        assert attempt.paths == ["/v1/workflows/tasks/task-1/stop"]

    def test_a_stop_that_nobody_answers_ends_all_the_same(self) -> None:
        context = FakeContext(kept=(RUN, "task-1"))
        context.switch.cancel()
        attempt = Attempt(streams(PING, ending="stall"), context=context)
        assert attempt.ended == ("canceled", "canceled")
        assert "has not confirmed yet that it stops" in attempt.context.text

    def test_a_run_that_ended_while_nobody_looked_is_no_timeout(self) -> None:
        attempt = Attempt(recorded("ok_run_detail"), context=FakeContext(kept=(RUN, "t"), seconds=-60))
        assert attempt.outcome.status == "success"

    def test_a_worker_that_ends_leaves_the_run_alone(self) -> None:
        context = FakeContext(kept=(RUN, "task-1"))
        context.released = True
        context.switch.cancel()
        assert Attempt(context=context).ended == ("canceled", "canceled")


class TestOutOfTime:
    """What was not seen to be over may go on, and is not started a second time."""

    def ended(
        self, *answers: Answer, again: bool = False, kept: tuple[str, str] = (RUN, "task-1")
    ) -> Attempt:
        going_on = says(200, {"id": RUN, "status": "running"})
        context = FakeContext(kept=kept, seconds=0)
        return Attempt(going_on, *answers, context=context, retry_on_unknown=again)

    def test_the_run_is_stopped_and_seen_to_be(self) -> None:
        attempt = self.ended(STOPPED, recorded("stop_run_detail_final"))
        assert attempt.ended == ("failed", "timeout")
        assert attempt.outcome.retryable
        assert attempt.outcome.error.endswith("and was stopped.")
        assert attempt.paths[1:] == ["/v1/workflows/tasks/task-1/stop", f"/v1/workflows/run/{RUN}"]

    @pytest.mark.parametrize("again", [True, False])
    def test_a_detail_that_goes_on_running_leaves_it_unknown(self, again: bool) -> None:
        running = says(200, {"id": RUN, "status": "running"})
        attempt = self.ended(STOPPED, *[running] * 9, again=again)
        assert attempt.ended == ("failed", "dify_outcome_unknown")
        assert attempt.outcome.retryable is again
        assert "was stopped" not in attempt.outcome.error + attempt.context.text

    def test_so_does_a_dify_that_answers_nothing_any_more(self) -> None:
        silence = streams(ending="stall")
        assert self.ended(silence, *[silence] * 9).ended == ("failed", "dify_outcome_unknown")

    def test_so_does_a_call_that_showed_no_id(self) -> None:
        context = FakeContext(seconds=0.5)
        attempt = Attempt(NO_INPUTS, streams(PING, ending="stall"), context=context)
        assert attempt.ended == ("failed", "dify_outcome_unknown")
        assert attempt.paths == ["/v1/parameters", "/v1/workflows/run"]

    def test_a_run_that_has_ended_in_the_meantime_is_what_it_is(self) -> None:
        assert self.ended(STOPPED, recorded("ok_run_detail")).ended == ("success", "")


SNAPSHOT = replays(transcript("human_streaming"))  # the same events, replayed by /events
PAUSED = "f5ae44d9-cd90-44b9-80a1-e7d1f45a3c81"


class TestAPauseThatIsFoundByRecovery:
    def recovered(self, *snapshot: Answer) -> Attempt:
        return Attempt(recorded("human_run_detail"), *snapshot, context=FakeContext(kept=(PAUSED, "t")))

    def test_has_its_titles_and_its_timeline_from_the_event_stream(self) -> None:
        attempt = self.recovered(SNAPSHOT)
        assert attempt.ended == ("failed", "dify_paused")
        assert attempt.outcome.error == "The workflow is waiting for a person at: Approve"
        assert [span["title"] for span in attempt.outcome.timeline["spans"]] == ["Start", "Approve"]
        [_, asked] = attempt.requests
        assert asked.path.endswith("/events?user=task-7&include_state_snapshot=true")
        assert attempt.context.kept == (PAUSED, "t")

    def test_is_a_pause_also_where_there_is_no_stream(self) -> None:
        attempt = self.recovered(recorded("ev_resume_wrong_user"))
        assert attempt.ended == ("failed", "dify_paused")


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


WORDS = {
    "Aborted: User requested stop": ("canceled", "canceled"),
    "App task was stopped": ("canceled", "canceled"),
    "Stopped by user.": ("canceled", "canceled"),
    "Aborted: Maximum execution time exceeded: 1200s > 1200s": ("failed", "timeout"),
    "Maximum execution time exceeded": ("failed", "timeout"),
    "App execution exceeded 1200 seconds": ("failed", "timeout"),
    "Workflow execution exceeded 600 seconds": ("failed", "timeout"),
    "Something else": ("failed", "dify_failed"),
    "": ("failed", "dify_failed"),
}


class TestAStopInDify:
    @pytest.mark.parametrize("words", WORDS)
    @pytest.mark.parametrize("recovered", [True, False])
    def test_is_a_cancel_only_where_a_person_stopped_it(self, words: str, recovered: bool) -> None:
        data = {"id": RUN, "status": "stopped", "outputs": {}, "error": words}
        if recovered:
            attempt = Attempt(says(200, data), context=FakeContext(kept=(RUN, "t")))
        else:
            attempt = Attempt(NO_INPUTS, streams({**FINISHED, "data": data}))
        assert attempt.ended == WORDS[words]
        if attempt.outcome.status == "failed":
            assert words in attempt.outcome.error
            assert attempt.outcome.retryable

    @pytest.mark.parametrize(
        ("version", "ended"), [("1.15.0", "canceled"), ("1.16.0", "failed"), ("1.16.1", "failed")]
    )
    def test_after_an_approval_dify_1_16_stops_runs_by_itself(self, version: str, ended: str) -> None:
        resumed = {"event": "workflow_started", "workflow_run_id": RUN, "data": {"reason": "resumption"}}
        data = {"id": RUN, "status": "stopped", "error": "App task was stopped"}
        answer = streams(resumed, {**FINISHED, "data": data})
        (at, head), *rest = answer.pieces
        versioned = head.replace(b"\r\n", f"\r\nX-Version: {version}\r\n".encode(), 1)
        attempt = Attempt(NO_INPUTS, Answer(((at, versioned), *rest)))
        assert attempt.outcome.status == ended


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
