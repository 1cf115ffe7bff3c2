"""Whether a failed attempt is followed by another, and when."""

from datetime import timedelta

import pytest

from scheduling.execution import Outcome, failed
from scheduling.lifecycle import retries, transitions
from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, claimed, state
from scheduling.worker.claim import claim

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("retryable", "status"), [(True, "queued"), (False, "failed")])
def test_an_unknown_outcome_is_repeated_only_where_the_task_allows_it(retryable: bool, status: str) -> None:
    run = claimed(make.run(make.task(retry_count=1)))
    transitions.finish(run, failed("dify_outcome_unknown", "Dify was cut off.", retryable=retryable), NOW)
    assert state(run) == (status, "dify_outcome_unknown", 1)


def test_a_failure_with_retries_left_waits_as_a_row() -> None:
    run = claimed(make.run(make.task(retry_count=1, retry_interval=30)))
    transitions.finish(run, failed("http_status", "HTTP 500"), NOW)
    assert state(run) == ("queued", "http_status", 1)
    assert run.not_before == NOW + timedelta(seconds=30)
    assert claim(run.trace_id, "w1", NOW + timedelta(seconds=29)) is None
    again = claim(run.trace_id, "w1", NOW + timedelta(seconds=30))
    assert again is not None
    transitions.finish(again[0], failed("http_status", "HTTP 500"), NOW + MINUTE)
    assert state(run) == ("failed", "http_status", 2)
    assert run.retry_count == 1


@pytest.mark.parametrize("code", ["syntax_error", "config_error", "result_limit", "sandbox_unavailable"])
def test_what_cannot_get_better_is_not_tried_again(code: str) -> None:
    run = claimed(make.run(make.task(retry_count=3)))
    transitions.finish(run, failed(code, "no"), NOW)
    assert state(run) == ("failed", code, 1)


def test_what_could_not_start_is_tried_again_without_using_up_a_retry() -> None:
    run = claimed(make.run(make.task(retry_count=0)))
    busy = Outcome("failed", error_code="dify_rate", again_after=timedelta(seconds=5))
    transitions.finish(run, busy, NOW)
    assert state(run) == ("queued", "dify_rate", 1)
    assert run.unstarted_count == 1


def test_it_ends_when_its_task_is_out_of_time() -> None:
    run = claimed(make.run(make.task(timeout_seconds=60)))
    busy = Outcome("failed", error_code="dify_rate", again_after=timedelta(seconds=5))
    transitions.finish(run, busy, NOW + timedelta(seconds=56))
    assert state(run) == ("failed", "dify_rate", 1)


@pytest.mark.parametrize(
    ("backoff", "failures", "seconds"),
    [("fixed", 5, 60), ("exponential", 1, 60), ("exponential", 3, 240), ("exponential", 20, 3600)],
)
def test_the_pause_doubles_up_to_an_hour_and_strays_by_a_fifth(
    backoff: str, failures: int, seconds: int
) -> None:
    task = ScheduledTask(retry_backoff=backoff, retry_interval=60)
    stray = timedelta(seconds=seconds / 5 if backoff == "exponential" else 0)
    pauses = [retries.between_attempts(task, failures) for _ in range(50)]
    assert all(abs(pause - timedelta(seconds=seconds)) <= stray for pause in pauses)
    assert (len(set(pauses)) > 1) is bool(stray)


@pytest.mark.parametrize(
    ("columns", "most"),
    [
        ({}, 3),
        ({"lost_count": 1}, 4),
        ({"lost_count": 2}, 4),
        ({"unstarted_count": 5}, 8),
        ({"attempt": 9}, 9),
    ],
)
def test_a_lost_worker_and_what_could_not_start_come_on_top(columns: dict[str, int], most: int) -> None:
    assert retries.max_attempts(Run(**columns), ScheduledTask(retry_count=2)) == most
