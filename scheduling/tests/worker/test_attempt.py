"""An attempt from its claim to its end, whatever happens in between: to the task, to its database, to its worker."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError
from django.forms.models import model_to_dict
from django.utils import timezone

from scheduling.beat.reaper import reap
from scheduling.execution import ConfigError, Outcome, RunContext, failed, success
from scheduling.lifecycle import (
    backfill_progress,
    metrics,
    result_messages,
    run_alerts,
    run_logs,
    transitions,
    window_cursor,
)
from scheduling.models import IncompleteTaskError, Run
from scheduling.tests import make
from scheduling.worker import attempt as attempts
from scheduling.worker.run_context import LiveContext
from scheduling.worker.run_keeper import RunKeeper

pytestmark = pytest.mark.django_db(transaction=True)


class Succeeds:
    def execute(self, context: RunContext) -> Outcome:
        context.line("hello")
        return success({"n": 1}, message={"content": "hi"})


def breaks(error: Exception) -> Any:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    return broken


def queued(**columns: Any) -> Run:
    now = timezone.now()
    webhook = {"execution_type": "webhook", "cron_expression": "0 0 1 1 *", "retry_interval": 0}
    return make.run(make.task(now, **webhook | columns), now)


def attempted(monkeypatch: pytest.MonkeyPatch, executor: Any = None, times: int = 1, **columns: Any) -> Run:
    """Attempt a run so many times with the executor, and return it as it is then."""
    monkeypatch.setattr(attempts, "executor_of", lambda *_: executor or Succeeds())
    run = queued(**{"retry_count": 3} | columns)
    for _ in range(times):
        attempts.attempt(run.trace_id)
    run.refresh_from_db()
    return run


# What nobody foresaw ends the run at once, in one attempt, never by its lease.
PLACES: dict[str, tuple[Any, str]] = {
    "counting the claim": (metrics, "count_claim"),
    "the window": (window_cursor, "take_window"),
    "the task's secrets": (attempts, "secrets_of"),
    "the context": (attempts, "LiveContext"),
    "masking": (attempts, "_mask"),
    "writing the lines": (run_logs.LINES, "insert"),
    "the end of a backfill": (backfill_progress, "count_end"),
    "the messages": (result_messages, "enqueue"),
    "the alerts": (run_alerts, "alert_at_end"),
    "the cursor's move": (window_cursor, "columns_after"),
}


@pytest.mark.parametrize("error", [RecursionError("too deep"), DataError(1264, "Out of range")])
@pytest.mark.parametrize("place", PLACES)
def test_it_ends_the_run_at_once_in_one_attempt(
    place: str, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(*PLACES[place], breaks(error))
    with caplog.at_level(logging.ERROR):
        run = attempted(monkeypatch)
    assert (run.status, run.error_code, run.attempt) == ("failed", "internal_error", 1)
    assert run.trace_id in run.error
    assert run.trace_id in caplog.text
    assert run.busy_task_id is None


def test_an_executors_fault_is_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Faulty:
        def execute(self, context: RunContext) -> Outcome:
            context.line("so far it went")
            raise RecursionError

    run = attempted(monkeypatch, Faulty())
    assert (run.status, run.error_code, run.attempt) == ("failed", "internal_error", 1)
    assert run.output == "so far it went"
    assert run.task.last_run_status == "failed"


def test_what_can_be_told_is_told_though_a_part_of_the_end_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_messages, "enqueue", breaks(RuntimeError("broken")))
    run = attempted(monkeypatch)
    assert run.output == "hello"
    assert (run.task.last_run_status, run.task.last_run_message) == ("failed", run.error)


def test_a_result_that_masking_can_not_walk_through_is_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: Any = "x"
    for _ in range(480):
        deep = [deep]

    class Deep:
        def execute(self, context: RunContext) -> Outcome:
            return success(deep)

    assert attempted(monkeypatch, Deep()).error_code == "internal_error"


def test_the_error_tells_no_secret_of_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "secrets_of", breaks(RuntimeError("hunter22 is wrong")))
    assert "hunter22" not in attempted(monkeypatch).error


def test_no_run_waits_for_its_lease_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_mask", breaks(RecursionError()))
    attempted(monkeypatch)
    assert reap(timezone.now() + timedelta(minutes=5)) == 0


class CutOff:
    """An executor whose database is away in its first `attempts`."""

    def __init__(self, attempts: int) -> None:
        self.left = attempts

    def execute(self, context: RunContext) -> Outcome:
        if self.left:
            self.left -= 1
            raise OperationalError(2013, "Lost connection to server")
        return success()


class TestADatabaseThatGoesAwayMeanwhile:
    """The run is lost by this worker, not failed by the task."""

    def test_is_attempted_again_though_the_task_has_no_retries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run = attempted(monkeypatch, CutOff(1), times=2, retry_count=0)
        assert (run.status, run.attempt, run.lost_count) == ("success", 2, 1)

    def test_a_second_time_ends_it_as_lost(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run = attempted(monkeypatch, CutOff(2), times=2, retry_count=0)
        assert (run.status, run.error_code, run.lost_count) == ("failed", "worker_lost", 2)


class Acts:
    """An executor that does something with its context, and then returns the outcome."""

    def __init__(self, act: Callable[[LiveContext], object], outcome: Outcome | None = None) -> None:
        self.act, self.outcome = act, outcome or failed("http_status", "HTTP 500")

    def execute(self, context: LiveContext) -> Outcome:
        self.act(context)
        return self.outcome


def cancel(context: LiveContext) -> None:
    context.switch.cancel()


def lose_lease(context: LiveContext) -> None:
    context.kept_run.renewed = float("-inf")


class TestItsOutcome:
    def test_is_the_executors_with_its_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run = attempted(monkeypatch)
        assert (run.status, run.result, run.output) == ("success", {"n": 1}, "hello")

    def test_of_one_that_was_canceled_is_canceled_and_not_repeated(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = attempted(monkeypatch, Acts(cancel))
        assert (run.status, run.error_code) == ("canceled", "canceled")

    def test_of_one_that_has_succeeded_all_the_same_is_success(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert attempted(monkeypatch, Acts(cancel, success())).status == "success"

    def test_of_one_whose_lease_is_over_is_lost_whatever_it_says(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another worker may have the run by now."""
        script = {"execution_type": "script", "retry_count": 0, "retry_on_worker_lost": False}
        run = attempted(monkeypatch, Acts(lose_lease, success()), **script)
        assert (run.status, run.error_code) == ("failed", "worker_lost")

    @pytest.mark.parametrize("error", [ConfigError("no such app"), IncompleteTaskError(["webhook_url"])])
    def test_of_a_task_that_can_not_be_carried_out_is_config_error_in_its_words(
        self, error: Exception, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = attempted(monkeypatch, Acts(lambda _: breaks(error)()))
        assert (run.status, run.error_code, run.error) == ("failed", "config_error", str(error))

    def test_holds_no_secret_of_the_tasks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        secret = "hunter22-hunter22"
        for outcome in (
            Outcome("success", result={"a": secret}, message=secret, unsaid=secret, timeline={"b": secret}),
            failed("http_status", f"{secret} was refused"),
        ):
            run = attempted(monkeypatch, Acts(lambda _: None, outcome), webhook_secret=secret, retry_count=0)
            kept = json.dumps([model_to_dict(run), run.task.last_run_message], default=str)
            assert "***" in kept
            assert secret not in kept


def test_a_later_attempt_begins_with_why_the_one_before_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    run = attempted(monkeypatch, Acts(lambda _: None), times=2, retry_count=1)
    assert run.output.splitlines() == ["Attempt 2 of 2; the one before: http_status: HTTP 500"]


def test_while_it_lasts_the_run_is_kept_and_afterwards_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[set[int]] = []
    run = attempted(monkeypatch, Acts(lambda _: kept.append(set(attempts.keeper().runs))))
    assert run.pk in kept[0]
    assert run.pk not in attempts.keeper().runs


@pytest.mark.parametrize("status", ["running", "success", "canceled"])
def test_a_message_for_a_run_that_is_not_waiting_does_nothing(
    status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "executor_of", breaks(AssertionError("it was executed")))
    run = queued()
    Run.objects.filter(pk=run.pk).update(status=status, worker="another")
    attempts.attempt(run.trace_id)
    attempts.attempt("no such trace")
    assert make.state(run) == (status, "", 0)


def test_a_process_that_is_told_to_end_gives_its_run_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit):
        attempted(monkeypatch, Acts(lambda _: breaks(SystemExit())()))
    run = Run.objects.get()
    assert (run.status, run.error_code, run.lost_count) == ("queued", "worker_lost", 1)


def test_a_worker_that_is_leaving_takes_no_run_and_gives_its_message_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leaving = RunKeeper("leaving")
    leaving.leave_within(60)
    monkeypatch.setattr(attempts, "keeper", lambda: leaving)
    run = queued()
    Run.objects.filter(pk=run.pk).update(published_at=timezone.now())
    attempts.attempt(run.trace_id)
    assert make.state(run) == ("queued", "", 0)
    assert run.published_at is None


def test_an_end_waits_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is done: only its end is unwritten."""
    refused = iter([OperationalError(2006, "Server has gone away")] * 2)
    finish = transitions.finish

    def finish_late(*arguments: Any) -> bool:
        if error := next(refused, None):
            raise error
        return finish(*arguments)

    monkeypatch.setattr(transitions, "finish", finish_late)
    run = attempted(monkeypatch)
    assert (run.status, run.attempt, run.output) == ("success", 1, "hello")
