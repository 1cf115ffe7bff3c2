from datetime import timedelta
from typing import get_args

import pytest

from scheduling.beat import reaper
from scheduling.execution import CANCELED, Outcome, failed, success
from scheduling.lifecycle import leases, transitions
from scheduling.lifecycle.leases import LEASE
from scheduling.models import LastRunStatus, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW
from scheduling.worker.claim import claim

pytestmark = pytest.mark.django_db


def claimed(run: Run, worker: str = "w1", now: object = NOW) -> Run:
    found = claim(run.trace_id, worker, NOW)
    assert found is not None
    return found[0]


def looks(one: reaper.Reaper, *monotonic: float) -> int:
    """A minute after the claim; how many runs it has taken back."""
    return sum(one.reap(NOW + MINUTE, at) for at in monotonic)


def state(run: Run) -> tuple[str, str, int]:
    run.refresh_from_db()
    return run.status, run.error_code, run.attempt


def test_a_message_that_comes_twice_is_claimed_once() -> None:
    run = make.run(make.task())
    assert claim(run.trace_id, "w1", NOW) is not None
    assert claim(run.trace_id, "w2", NOW) is None
    assert state(run) == ("running", "", 1)


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


class TestLostWorkers:
    def test_a_lapsed_lease_gives_the_run_back_once(self) -> None:
        run = claimed(make.run(make.task()))
        later = NOW + LEASE + timedelta(seconds=1)
        assert reaper.reap(later) == 1
        assert state(run) == ("queued", "worker_lost", 1)
        again = claim(run.trace_id, "w2", later)
        assert again is not None
        assert reaper.reap(later + LEASE + timedelta(seconds=1)) == 1
        assert state(run) == ("failed", "worker_lost", 2)

    def test_it_comes_on_top_of_the_retries(self) -> None:
        run = claimed(make.run(make.task(retry_count=1, retry_interval=0)))
        at = NOW
        for _ in range(2):
            at += LEASE + timedelta(seconds=1)
            reaper.reap(at)
            assert claim(run.trace_id, "w1", at) is not None
        assert state(run) == ("running", "worker_lost", 3)

    def test_a_task_may_refuse_to_be_started_again(self) -> None:
        run = claimed(make.run(make.task(retry_on_worker_lost=False)))
        reaper.reap(NOW + MINUTE)
        assert state(run) == ("failed", "worker_lost", 1)

    def test_a_renewed_lease_is_not_reaped(self) -> None:
        run = claimed(make.run(make.task()))
        leases.renew("w1", [run.pk], NOW + timedelta(seconds=20))
        assert reaper.reap(NOW + timedelta(seconds=40)) == 0

    def test_after_an_outage_workers_get_a_lease_length_to_come_back(self) -> None:
        claimed(make.run(make.task()))
        one = reaper.Reaper()
        assert looks(one, 100, 105, 110, 115, 120, 125, 129) == 0
        one.database_failed()
        assert looks(one, 131, 136, 141, 146, 151, 156) == 0
        assert looks(one, 161) == 1

    def test_a_database_that_was_frozen_and_raised_no_error_counts_as_an_outage(self) -> None:
        claimed(make.run(make.task()))
        one = reaper.Reaper()
        assert looks(one, 100, 105, 110, 115, 120, 125, 145) == 0
        assert looks(one, 150, 155, 160, 165, 170) == 0
        assert looks(one, 175) == 1

    def test_a_run_that_was_to_be_canceled_is_not_started_again(self) -> None:
        run = claimed(make.run(make.task()))
        transitions.cancel(run, NOW, "ann")
        reaper.reap(NOW + MINUTE)
        assert state(run) == ("canceled", "canceled", 1)


def test_a_deleted_tasks_run_ends_when_it_is_claimed() -> None:
    task = make.task()
    run = make.run(task)
    ScheduledTask.objects.filter(pk=task.pk).delete()
    assert claim(run.trace_id, "w1", NOW) is None
    assert state(run) == ("canceled", "canceled", 0)


def test_what_two_beats_have_sent_side_by_side_starts_under_the_tenants_max_running() -> None:
    task = make.task(overlap_policy="allow", tenant=make.tenant("small", max_running=1))
    first, second = make.run(task, published_at=NOW), make.run(task, published_at=NOW)
    running = claimed(first)
    assert claim(second.trace_id, "w2", NOW) is None
    second.refresh_from_db()
    assert (second.status, second.published_at) == ("queued", None)
    transitions.finish(running, success(), NOW)
    assert claim(second.trace_id, "w2", NOW) is not None
