"""A worker dies, Dify goes on: another worker takes the run over by what the first has stored."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from scheduling.beat.reaper import reap
from scheduling.kinds.dify import concurrency as limits
from scheduling.kinds.dify.builder import places
from scheduling.kinds.dify.concurrency import app_of
from scheduling.lifecycle.leases import LEASE
from scheduling.models import Run, RunLine, ScheduledTask
from scheduling.tests.worker.dify_task import KEY, NO_INPUTS, dify_task, paths, run_of
from scheduling.worker import attempt as attempts
from scheduling.worker.claim import claim
from scheduling.worker.run_context import LiveContext
from scheduling.worker.run_keeper import KeptRun, RunKeeper
from testing.patience import eventually
from testing.servers.dify_replay import DifyReplay, replays, says, streams, transcript

pytestmark = pytest.mark.django_db(transaction=True)
RUN = "ea8856c4-1493-4c12-8731-73bbe93ba964"


def begun_by_a_worker_that_died(task: ScheduledTask, *, saw: str = RUN) -> Run:
    """Claimed, called and left; the lease has lapsed since, and beat has taken the run back."""
    run = run_of(task)
    claimed = claim(run.trace_id, "dead", timezone.now())
    assert claimed
    context = LiveContext(*claimed, [])
    context.calling()
    if saw:
        context.keep(saw, "task-1")
    lapse(run)
    return run


def lapse(run: Run) -> None:
    assert reap(timezone.now() + LEASE + timedelta(seconds=1)) == 1
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now())


def ended(run: Run) -> tuple[str, str]:
    attempts.attempt(run.trace_id)
    run.refresh_from_db()
    return run.status, run.error_code


def test_the_second_worker_asks_for_the_run_and_starts_none() -> None:
    with DifyReplay(says(200, {"id": RUN, "status": "succeeded", "outputs": {"text": "done"}})) as dify:
        run = begun_by_a_worker_that_died(dify_task(dify))
        assert ended(run) == ("success", "")
    assert paths(dify) == [f"/v1/workflows/run/{RUN}"]
    assert (run.attempt, run.lost_count, run.result) == (2, 1, {"text": "done"})
    assert run.external_id == RUN


def test_it_does_so_even_where_lost_runs_are_not_to_be_repeated() -> None:
    with DifyReplay(replays(transcript("ok_run_detail"))) as dify:
        run = begun_by_a_worker_that_died(dify_task(dify, retry_on_worker_lost=False))
        assert ended(run) == ("success", "")


def test_a_call_that_showed_no_id_is_looked_for_and_not_repeated() -> None:
    def logged() -> dict[str, object]:
        return {
            "workflow_run": {"id": RUN, "status": "running", "created_at": timezone.now().timestamp()},
            "created_by_end_user": {"session_id": f"task-{task.pk}"},
        }

    with DifyReplay() as nowhere:
        task = dify_task(nowhere)
    with DifyReplay(says(200, {"data": [logged()]}), replays(transcript("ok_run_detail"))) as dify:
        ScheduledTask.objects.filter(pk=task.pk).update(dify_url=dify.url)
        run = begun_by_a_worker_that_died(task, saw="")
        assert ended(run) == ("success", "")
    assert paths(dify) == ["/v1/workflows/logs", f"/v1/workflows/run/{RUN}"]


def test_the_first_worker_changes_nothing_when_it_comes_back() -> None:
    with DifyReplay(replays(transcript("ok_run_detail"))) as dify:
        task = dify_task(dify)
        run = run_of(task)
        claimed = claim(run.trace_id, "slow", timezone.now())
        assert claimed
        slow = LiveContext(*claimed, [])
        slow.calling()
        slow.keep(RUN, "task-1")
        lapse(run)
        assert ended(run) == ("success", "")
        slow.keep("another-id", "another-task")
    run.refresh_from_db()
    assert (run.status, run.external_id) == ("success", RUN)


def test_a_retry_after_a_failed_run_starts_a_new_one() -> None:
    failed = replays(transcript("fail_streaming"))
    with DifyReplay(NO_INPUTS, failed, NO_INPUTS, replays(transcript("ok_streaming"))) as dify:
        run = run_of(dify_task(dify, retry_count=1, retry_interval=0))
        assert ended(run) == ("queued", "dify_failed")
        assert (run.external_id, run.called_at) == ("", None)
        assert ended(run) == ("success", "")
    assert paths(dify).count("/v1/workflows/run") == 2


@pytest.fixture
def one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places(), "limit", 1)
    monkeypatch.setattr(limits, "LOOK_SECONDS", 0.001)


@pytest.mark.usefixtures("one_place")
def test_waiting_for_a_place_is_no_attempt_and_has_one_line() -> None:
    with DifyReplay(NO_INPUTS, replays(transcript("ok_streaming"))) as dify:
        run = run_of(dify_task(dify))
        app = app_of(f"{dify.url}/v1", KEY)
        with places().place(app, "another run", is_going_on=True):
            for _ in range(3):
                assert ended(run) == ("queued", "dify_rate")
                assert (run.attempt, run.retry_count, run.unstarted_count) == (0, 0, 0)
                assert run.first_started_at is None
                Run.objects.filter(pk=run.pk).update(not_before=timezone.now())
        assert ended(run) == ("success", "")
    assert run.attempt == 1
    assert run.output.count("Waiting: 1 runs of this Dify app are under way") == 1
    assert "Attempt" not in run.output


@pytest.mark.usefixtures("one_place")
def test_a_retry_that_waits_for_a_place_still_says_why_the_attempt_before_failed() -> None:
    failed = replays(transcript("fail_streaming"))
    with DifyReplay(NO_INPUTS, failed, NO_INPUTS, replays(transcript("ok_streaming"))) as dify:
        run = run_of(dify_task(dify, retry_count=1, retry_interval=0))
        app = app_of(f"{dify.url}/v1", KEY)
        assert ended(run) == ("queued", "dify_failed")
        why = run.error
        assert why
        with places().place(app, "another run", is_going_on=True):
            for limit in (1, 1, 0):  # the operator lowers it meanwhile
                places().limit = limit
                assert ended(run) == ("queued", "dify_rate")
                assert run.error.startswith(f"Waiting: {limit} runs")
                assert run.error.endswith(f" The attempt before: dify_failed: {why}")
                assert (run.error.count(why), run.attempt) == (1, 1)
                Run.objects.filter(pk=run.pk).update(not_before=timezone.now())
        places().limit = 1
        assert ended(run) == ("success", "")
    assert run.output.count("Waiting: 1 runs") == 1
    assert run.output.count("Attempt 2 of 2; the one before: dify_failed") == 1


def test_an_attempt_that_dify_has_put_off_is_headed_as_one() -> None:
    refused = replays(transcript("limit429_0_streaming"))
    with DifyReplay(NO_INPUTS, refused, NO_INPUTS, replays(transcript("ok_streaming"))) as dify:
        run = run_of(dify_task(dify))
        assert ended(run) == ("queued", "dify_rate")
        Run.objects.filter(pk=run.pk).update(not_before=timezone.now())
        assert ended(run) == ("success", "")
    assert "Attempt 2 of 2; the one before: dify_rate" in run.output


def test_a_place_that_is_given_back_is_taken_by_one_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places(), "limit", 1)
    monkeypatch.setattr(limits, "LOOKS", 10_000)
    with DifyReplay(NO_INPUTS, replays(transcript("ok_streaming"))) as dify:
        run = run_of(dify_task(dify, timeout_seconds=1))
        app = app_of(f"{dify.url}/v1", KEY)
        with places().place(app, "another run", is_going_on=True):
            waiting = threading.Thread(target=attempts.attempt, args=(run.trace_id,))
            waiting.start()
            eventually(lambda: RunLine.objects.filter(run_id=run.pk, text__startswith="Waiting").exists())
            time.sleep(1.5)  # longer than the task's limit: to wait is no time of the run's
        waiting.join()
    run.refresh_from_db()
    assert (run.status, run.attempt) == ("success", 1)


def test_attempts_are_headed_in_the_log() -> None:
    failed = replays(transcript("fail_streaming"))
    with DifyReplay(NO_INPUTS, failed, NO_INPUTS, replays(transcript("ok_streaming"))) as dify:
        run = run_of(dify_task(dify, retry_count=2, retry_interval=0))
        assert ended(run) == ("queued", "dify_failed")
        why = run.error
        assert ended(run) == ("success", "")
    assert f"Attempt 2 of 3; the one before: dify_failed: {why}" in run.output


def test_a_recovered_run_took_as_long_as_since_its_first_start() -> None:
    with DifyReplay(replays(transcript("ok_run_detail"))) as dify:
        run = begun_by_a_worker_that_died(dify_task(dify))
        long_ago = timezone.now() - timedelta(seconds=20)
        Run.objects.filter(pk=run.pk).update(first_started_at=long_ago)
        assert ended(run) == ("success", "")
    assert run.duration_ms is not None
    assert run.duration_ms >= 20_000


@pytest.mark.usefixtures("one_place")
def test_waiting_for_a_place_uses_up_no_retry_and_no_time() -> None:
    with DifyReplay(NO_INPUTS, replays(transcript("ok_streaming"))) as dify:
        task = dify_task(dify, timeout_seconds=600)
        run = run_of(task, first_started_at=timezone.now() - timedelta(hours=1))
        app = app_of(f"{dify.url}/v1", KEY)
        with places().place(app, "another run", is_going_on=True):
            assert ended(run) == ("queued", "dify_rate")
        Run.objects.filter(pk=run.pk).update(not_before=timezone.now())
        assert ended(run) == ("success", "")
    assert (run.attempt, run.unstarted_count) == (1, 0)


class Leaving(RunKeeper):
    """Of a worker that is told to end as soon as it has begun a run."""

    def __init__(self, within_seconds: float) -> None:
        super().__init__("leaving")
        self.within_seconds = within_seconds

    def keep(self, run: KeptRun) -> None:
        super().keep(run)
        self.leave_within(self.within_seconds)


class TestAWorkerThatEnds:
    @pytest.fixture
    def by(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[RunKeeper], None]:
        return lambda one: monkeypatch.setattr(attempts, "keeper", lambda: one)

    def test_takes_no_run(self, by: Callable[[RunKeeper], None]) -> None:
        leaving = RunKeeper("leaving")
        leaving.leave_within(5)
        by(leaving)
        with DifyReplay() as dify:
            assert ended(run_of(dify_task(dify))) == ("queued", "")

    def test_leaves_a_run_to_another_which_recovers_it(self, by: Callable[[RunKeeper], None]) -> None:
        stream = replays(transcript("ok_streaming"))
        with DifyReplay(NO_INPUTS, stream.until(2500, "stall"), replays(transcript("ok_run_detail"))) as dify:
            run = run_of(dify_task(dify))
            by(Leaving(within_seconds=60))
            assert ended(run) == ("queued", "worker_lost")
            assert (run.external_id, run.lost_count, run.unstarted_count) == (RUN, 0, 1)
            assert run.timeline
            by(RunKeeper("another"))
            assert ended(run) == ("success", "")
        assert paths(dify)[1:] == ["/v1/workflows/run", f"/v1/workflows/run/{RUN}"]

    def test_counts_what_shows_no_id_as_lost_when_its_time_is_over(
        self, by: Callable[[RunKeeper], None]
    ) -> None:
        with DifyReplay(NO_INPUTS, streams(ending="stall")) as dify:
            run = run_of(dify_task(dify))
            by(Leaving(within_seconds=0))
            assert ended(run) == ("queued", "worker_lost")
        assert run.lost_count == 1
        assert run.called_at
