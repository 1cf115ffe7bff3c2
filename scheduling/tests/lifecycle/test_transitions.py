from typing import get_args

import pytest

from scheduling.execution import CANCELED, Outcome, failed, success
from scheduling.lifecycle import transitions
from scheduling.models import LastRunStatus, Run
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, claimed, state
from scheduling.worker.claim import claim

pytestmark = pytest.mark.django_db


def test_a_run_is_not_claimed_before_its_time() -> None:
    run = make.run(make.task(), not_before=NOW + MINUTE)
    assert claim(run.trace_id, "w1", NOW) is None


def test_a_run_that_had_an_attempt_since_it_was_read_is_not_claimed() -> None:
    task = make.task(retry_count=1, retry_interval=0)
    run = make.run(task)
    read_before = Run.objects.get(pk=run.pk)
    transitions.finish(claimed(run), failed("http_status", "HTTP 500"), NOW)
    assert state(run) == ("queued", "http_status", 1)
    assert not transitions.claim(read_before, task, "w2", NOW + MINUTE)


def test_a_claimed_run_is_known_as_it_is_stored() -> None:
    run = claimed(make.run(make.task()))
    for name, value in Run.objects.filter(pk=run.pk).values().get().items():
        assert getattr(run, name) == value, name


def test_a_second_run_of_a_busy_task_goes_back_to_the_queue() -> None:
    task = make.task()
    first, second = make.run(task), make.run(task, published_at=NOW)
    claimed(first)
    assert claim(second.trace_id, "w2", NOW) is None
    second.refresh_from_db()
    assert (second.status, second.published_at) == ("queued", None)


def test_runs_of_a_task_that_allows_overlap_run_beside() -> None:
    task = make.task(overlap_policy="allow")
    claimed(make.run(task))
    claimed(make.run(task), "w2")
    assert Run.objects.filter(status="running").count() == 2


def test_success_ends_the_run_and_is_told_to_the_task() -> None:
    task = make.task()
    run = claimed(make.run(task))
    assert transitions.finish(run, success({"content": "x"}), NOW + MINUTE)
    assert state(run) == ("success", "", 1)
    assert (run.duration_ms, run.result, run.busy_task_id) == (60_000, {"content": "x"}, None)
    task.refresh_from_db()
    assert (task.last_run_status, task.last_run_at) == ("success", NOW)


@pytest.mark.parametrize(
    "outcome", [success(), failed("http_status", "HTTP 500"), CANCELED], ids=lambda one: one.status
)
def test_the_end_of_a_run_is_a_status_that_tasks_are_filtered_by(outcome: Outcome) -> None:
    task = make.task()
    transitions.finish(claimed(make.run(task)), outcome, NOW)
    task.refresh_from_db()
    assert task.last_run_status == outcome.status
    assert task.last_run_status in get_args(LastRunStatus)


def test_a_due_time_that_has_not_run_leaves_the_last_status() -> None:
    task = make.task(last_run_status="success")
    transitions.skip([make.due(task, NOW).pk], "overlap", "An earlier run had not ended.", NOW)
    transitions.miss([make.due(task, NOW + MINUTE).pk], "It was reached too late.", NOW)
    task.refresh_from_db()
    assert set(task.runs.values_list("status", flat=True)) == {"skipped", "missed"}
    assert task.last_run_status == "success"


def test_only_the_attempt_that_runs_may_finish_it() -> None:
    run = claimed(make.run(make.task()))
    Run.objects.filter(pk=run.pk).update(attempt=2, worker="w2")
    assert not transitions.finish(run, success(), NOW)
    assert state(run) == ("running", "", 2)


def test_canceling_a_queued_run_ends_it_at_once() -> None:
    run = make.run(make.task())
    assert transitions.cancel(run, NOW, "ann")
    assert state(run) == ("canceled", "canceled", 0)
    assert run.error == "Canceled by ann."


def test_canceling_a_running_run_asks_its_worker() -> None:
    run = claimed(make.run(make.task()))
    assert transitions.cancel(run, NOW, "ann")
    assert state(run) == ("running", "", 1)
    transitions.finish(run, CANCELED, NOW)
    assert state(run) == ("canceled", "canceled", 1)


def test_what_has_ended_cannot_be_canceled() -> None:
    run = claimed(make.run(make.task()))
    transitions.finish(run, success(), NOW)
    assert not transitions.cancel(run, NOW, "ann")


def test_what_two_beats_have_sent_side_by_side_starts_under_the_tenants_max_running() -> None:
    task = make.task(overlap_policy="allow", tenant=make.tenant("small", max_running=1))
    first, second = make.run(task, published_at=NOW), make.run(task, published_at=NOW)
    running = claimed(first)
    assert claim(second.trace_id, "w2", NOW) is None
    second.refresh_from_db()
    assert (second.status, second.published_at) == ("queued", None)
    transitions.finish(running, success(), NOW)
    assert claim(second.trace_id, "w2", NOW) is not None
