"""A run that goes on in Dify after we lost sight of it. The clock is simulated, the answers are not."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from common.http import CancelSwitch
from scheduling.kinds.dify.client import (
    CanceledError,
    LoggedRun,
    OutcomeUnknownError,
    RunIds,
    RunResult,
    TimedOutError,
    await_run,
    find_run,
)
from testing.servers.dify_replay import Answer, DifyReplay, replays, says, transcript

from .app import client_of

IDS = RunIds(run_id="r1", task_id="t1")
CALLED_AT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)


class Clock:
    def __init__(self, seconds: float = 1000) -> None:
        self.left = seconds
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.left -= seconds

    def seconds_left(self) -> float:
        return self.left


def detail(status: str) -> Answer:
    return says(200, {"id": "r1", "status": status, "outputs": {"x": 1}})


def wait(clock: Clock, *answers: Answer, is_canceled: Callable[[], bool] = lambda: False) -> RunResult:
    with DifyReplay(*answers) as server:
        return await_run(
            client_of(server),
            IDS,
            seconds_left=clock.seconds_left,
            sleep=clock.sleep,
            is_canceled=is_canceled,
        )


def test_a_run_is_asked_for_until_it_is_final() -> None:
    clock = Clock()
    result = wait(clock, *[detail("running")] * 8, detail("succeeded"))
    assert (result.status, result.outputs) == ("succeeded", {"x": 1})
    assert result.ids == IDS
    assert clock.slept[0] == 2
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[-1] == 15


@pytest.mark.parametrize("status", ["succeeded", "failed", "stopped", "partial-succeeded", "paused"])
def test_every_end_is_an_end(status: str) -> None:
    assert wait(Clock(), detail(status)).status == status


def test_a_server_that_is_down_meanwhile_is_asked_again() -> None:
    trouble = [says(502, b"<html>"), says(429, {}), Answer(()), says(500, {"code": "unknown"})]
    assert wait(Clock(), *trouble, detail("succeeded")).status == "succeeded"


def test_a_run_that_outlives_the_task_is_timed_out() -> None:
    clock = Clock(seconds=4)
    with pytest.raises(TimedOutError):
        wait(clock, detail("running"), detail("running"))
    assert sum(clock.slept) == 4


def test_a_run_that_dify_never_knew_is_unknown() -> None:
    with pytest.raises(OutcomeUnknownError, match="does not know"):
        wait(Clock(), *[replays(transcript("err_run_detail_unknown"))] * 6)


def test_a_row_that_is_written_late_is_waited_for() -> None:
    late = [replays(transcript("err_run_detail_unknown"))] * 3
    assert wait(Clock(), *late, detail("running"), *late, detail("failed")).status == "failed"


def test_a_revoked_key_ends_the_asking() -> None:
    with pytest.raises(OutcomeUnknownError, match="no longer"):
        wait(Clock(), replays(transcript("err_bad_key")))


def test_a_cancel_ends_the_asking() -> None:
    answers = iter([False, True])
    with pytest.raises(CanceledError):
        wait(Clock(), detail("running"), is_canceled=lambda: next(answers))


@pytest.mark.parametrize("answer", [detail("running"), Answer((), "stall")], ids=["pause", "question"])
def test_a_cancel_ends_a_pause_or_a_question_at_once(answer: Answer) -> None:
    switch = CancelSwitch()
    with DifyReplay(answer) as server:
        timer = threading.Timer(0.1, switch.cancel)
        timer.start()
        with pytest.raises(CanceledError):
            await_run(
                client_of(server),
                IDS,
                seconds_left=lambda: 1000,
                sleep=switch.wait,
                is_canceled=lambda: switch.is_canceled,
                switch=switch,
            )
        timer.join()


def rows(*created: tuple[str, int], user: str = "task-7") -> Answer:
    """(run id, seconds after the call)."""
    data = [
        {
            "workflow_run": {
                "id": run_id,
                "status": "running",
                "created_at": int((CALLED_AT + timedelta(seconds=after)).timestamp()),
            },
            "created_by_end_user": {"session_id": user},
        }
        for run_id, after in created
    ]
    return says(200, {"data": data})


def find(*answers: Answer, claimed: Sequence[str] = (), is_canceled: bool = False) -> LoggedRun:
    with DifyReplay(*answers) as server:
        return find_run(
            client_of(server),
            "task-7",
            CALLED_AT,
            claimed_elsewhere=lambda ids: set(ids) & set(claimed),
            sleep=Clock().sleep,
            is_canceled=lambda: is_canceled,
        )


def test_the_only_run_of_the_user_since_the_call_is_ours() -> None:
    assert find(rows(("ours", 1))).run_id == "ours"


def test_a_server_whose_clock_is_a_little_behind_is_understood() -> None:
    assert find(rows(("ours", -59))).run_id == "ours"


def test_older_runs_are_not_ours() -> None:
    assert find(rows(("ours", 1), ("old", -61), ("older", -9000))).run_id == "ours"


def test_runs_of_other_users_are_not_ours_even_if_the_server_does_not_filter() -> None:
    with pytest.raises(OutcomeUnknownError, match="no run"):
        find(*[rows(("theirs", 1), user="task-70")] * 3)


def test_a_run_that_another_run_of_ours_has_is_not_taken_twice() -> None:
    assert find(rows(("a", 1), ("b", 2)), claimed=["a"]).run_id == "b"


def test_two_candidates_are_not_guessed_between() -> None:
    with pytest.raises(OutcomeUnknownError, match="2 runs"):
        find(rows(("a", 1), ("b", 2)))


def given(**inputs: object) -> Answer:
    return says(200, {"id": "x", "status": "running", "inputs": json.dumps(inputs)})


def test_of_two_candidates_the_inputs_tell_ours() -> None:
    answers = rows(("a", 1), ("b", 2)), given(start_time="08:00", n=1), given(start_time="09:00", n=1)
    with DifyReplay(*answers) as server:
        found = find_run(
            client_of(server),
            "task-7",
            CALLED_AT,
            inputs={"start_time": "09:00", "n": "1", "dropped": "x"},
            claimed_elsewhere=lambda ids: (),
            sleep=Clock().sleep,
            is_canceled=lambda: False,
        )
    assert found.run_id == "b"


def test_a_run_of_another_window_is_not_ours_even_alone() -> None:
    with (
        DifyReplay(*[rows(("a", 1)), given(start_time="08:00")] * 3) as server,
        pytest.raises(OutcomeUnknownError),
    ):
        find_run(
            client_of(server),
            "task-7",
            CALLED_AT,
            inputs={"start_time": "09:00"},
            claimed_elsewhere=lambda ids: (),
            sleep=Clock().sleep,
            is_canceled=lambda: False,
        )


def test_a_row_that_comes_late_is_found() -> None:
    assert find(rows(), says(502, b"<html>"), rows(("ours", 1))).run_id == "ours"


def test_no_row_at_all_is_unknown() -> None:
    with pytest.raises(OutcomeUnknownError, match="no run"):
        find(*[replays(transcript("crash_noworker_logs_by_user"))] * 3)


def test_logs_that_can_not_be_read_are_said_to_be_so() -> None:
    with pytest.raises(OutcomeUnknownError, match="logs could not be read"):
        find(*[replays(transcript("err_bad_key"))] * 3)


def test_a_cancel_ends_the_search() -> None:
    with pytest.raises(CanceledError):
        find(is_canceled=True)


def test_dify_is_asked_by_user_and_time() -> None:
    with DifyReplay(rows(("ours", 1))) as server:
        client_of(server).logs("task 7", CALLED_AT)
    assert server.requests[0].path == (
        "/v1/workflows/logs?created_by_end_user_session_id=task+7"
        "&created_at__after=2026-11-21T16%3A00%3A00Z&limit=100"
    )
