"""What nobody foresaw between a run's claim and its end ends it at once, in one attempt, never by its lease."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import DataError
from django.utils import timezone

from scheduling.beat.reaper import reap
from scheduling.execution import Outcome, RunContext, success
from scheduling.lifecycle import (
    backfill_progress,
    metrics,
    result_messages,
    run_alerts,
    run_logs,
    trials,
    window_cursor,
)
from scheduling.models import Run
from scheduling.tests import make
from scheduling.worker import attempt as attempts
from scheduling.worker import trial
from tenants.access import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


class Succeeds:
    def execute(self, context: RunContext) -> Outcome:
        context.line("hello")
        return success({"n": 1}, message={"content": "hi"})


def breaks(error: Exception) -> Any:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    return broken


def attempted(monkeypatch: pytest.MonkeyPatch, executor: Any = None) -> Run:
    monkeypatch.setattr(attempts, "executor_of", lambda *_: executor or Succeeds())
    now = timezone.now()
    task = make.task(
        now, execution_type="webhook", cron_expression="0 0 1 1 *", retry_count=3, retry_interval=0
    )
    run = make.run(task, now)
    attempts.attempt(run.trace_id)
    run.refresh_from_db()
    return run


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


def test_a_test_run_ends_at_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app, "send_task", lambda *_, **__: None)
    monkeypatch.setattr(trial, "_trial_outcome", breaks(RecursionError()))
    monkeypatch.setattr(trial, "_execute", lambda *_: success())
    trial_id = trials.ask(trials.TrialRequest("result = 1", "", {}, 5, None), SYSTEM)
    trial.attempt(trial_id)
    answer = trials.answer_of(trial_id)
    assert answer is not None
    assert (answer.status, answer.error_code) == ("failed", "internal_error")


def test_no_run_waits_for_its_lease_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_mask", breaks(RecursionError()))
    attempted(monkeypatch)
    assert reap(timezone.now() + timedelta(minutes=5)) == 0
