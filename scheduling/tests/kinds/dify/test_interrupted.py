"""A run in Dify that is interrupted: by a lost connection or worker, a cancel, the time limit, a pause, or a stop."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scheduling.tests.kinds.context import FakeContext
from scheduling.tests.kinds.dify.attempt import (
    FINISHED,
    NO_INPUTS,
    RUN,
    STOPPED,
    Attempt,
    recorded,
)
from testing.servers.dify_replay import PING, Answer, replays, says, streams, transcript


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
