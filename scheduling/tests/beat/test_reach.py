"""Due times are judged when they are reached, whether their rows were written ahead or late."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.acts import backfills
from scheduling.beat import fire, reach
from scheduling.execution import failed, success
from scheduling.lifecycle.transitions import cancel, finish
from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, release, tick
from scheduling.worker.claim import claim
from tenants.access import SYSTEM

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def statuses(task: ScheduledTask) -> list[str]:
    return [status for _, status in make.states(task)]


def start(task: ScheduledTask, now: datetime) -> Run:
    """The first of its runs that waits."""
    run = Run.objects.filter(task=task, status="queued", waits=True).order_by("due_at", "pk")[0]
    claimed = claim(run.trace_id, "w", now)
    assert claimed
    return claimed[0]


class TestMisfire:
    def after_an_outage(self, **columns: Any) -> ScheduledTask:
        """Every minute; beat wrote 08:01 ahead, was killed, and comes back at 08:04:20."""
        task = make.task(**columns)
        tick(NOW + 45 * SECOND)
        assert statuses(task) == ["queued"]
        tick(NOW + 4 * MINUTE + 20 * SECOND)
        return task

    def test_fire_all_runs_all_one_after_another(self) -> None:
        task = self.after_an_outage(misfire_policy="fire_all", misfire_grace_seconds=10)
        assert statuses(task) == ["queued"] * 4
        for due in range(1, 5):
            assert release(NOW + 5 * MINUTE) == 1
            run = start(task, NOW + 5 * MINUTE)
            assert run.due_at == NOW + due * MINUTE
            finish(run, success(), NOW + 5 * MINUTE)

    def test_within_their_grace_all_run_under_any_policy(self) -> None:
        for policy in ("fire_once", "skip", "fire_all"):
            task = self.after_an_outage(misfire_policy=policy)
            assert statuses(task) == ["queued"] * 4

    def test_fire_once_runs_the_latest_late_one(self) -> None:
        task = self.after_an_outage(misfire_policy="fire_once", misfire_grace_seconds=10)
        assert statuses(task) == ["missed", "missed", "missed", "queued"]

    def test_skip_runs_no_late_one(self) -> None:
        task = self.after_an_outage(misfire_policy="skip", misfire_grace_seconds=10)
        assert statuses(task) == ["missed"] * 4
        task = self.after_an_outage(misfire_policy="skip", misfire_grace_seconds=30)
        assert statuses(task) == ["missed"] * 3 + ["queued"]

    def test_a_row_that_was_written_ahead_is_late_too(self) -> None:
        task = make.task(cron_expression="15 8 * * *", misfire_policy="skip", misfire_grace_seconds=1)
        due = NOW + 15 * MINUTE
        tick(due - 10 * SECOND)
        assert statuses(task) == ["queued"]
        tick(due + 35 * SECOND)
        run = Run.objects.get(task=task)
        assert (run.status, run.error_code) == ("missed", "misfire")
        assert (
            run.error == "The due time was reached at 2026-11-20 08:15:35 UTC, later than the grace of 1 s."
        )

    def test_waiting_after_it_was_reached_makes_no_run_late(self) -> None:
        task = make.task(cron_expression="15 8 * * *", misfire_policy="skip", misfire_grace_seconds=1)
        tick(NOW + 15 * MINUTE)
        tick(NOW + 60 * MINUTE)
        assert statuses(task) == ["queued"]
        assert release(NOW + 60 * MINUTE) == 1

    @pytest.mark.parametrize("moment", [0, 0.2, 1])
    def test_without_any_grace_a_punctual_run_runs(self, moment: float) -> None:
        task = make.task(misfire_policy="skip", misfire_grace_seconds=0)
        tick(NOW + MINUTE + moment * SECOND)
        assert statuses(task) == ["queued"]

    def test_what_nobody_has_reached_goes_to_no_worker(self) -> None:
        make.task()
        fire.fire(NOW + MINUTE)
        assert release(NOW + MINUTE) == 0
        reach.reach(NOW + MINUTE)
        assert release(NOW + MINUTE) == 1

    def test_due_times_without_rows_are_waited_for(self) -> None:
        """Beat takes so many tasks at once; one that has its turn later is judged as a whole then."""
        task = make.task(misfire_grace_seconds=10)
        tick(NOW + 45 * SECOND)
        reach.reach(NOW + 4 * MINUTE)
        assert not Run.objects.get(task=task).waits
        tick(NOW + 4 * MINUTE)
        assert statuses(task) == ["missed"] * 2 + ["queued"] * 2


class TestOverlap:
    def test_of_an_unfinished_run_the_later_one_is_skipped(self) -> None:
        task = make.task()
        tick(NOW + MINUTE)
        start(task, NOW + MINUTE)
        tick(NOW + 2 * MINUTE)
        assert statuses(task) == ["running", "skipped"]

    def test_a_run_that_waits_for_another_attempt_is_unfinished(self) -> None:
        task = make.task(retry_count=3, retry_interval=150)
        tick(NOW + MINUTE)
        finish(start(task, NOW + MINUTE), failed("http_status", "away"), NOW + MINUTE)
        for minutes in (2, 3):
            tick(NOW + minutes * MINUTE)
        assert statuses(task) == ["queued", "skipped", "skipped"]

    def test_a_run_that_waits_for_a_slot_is_unfinished(self) -> None:
        task = make.task()
        for minutes in (1, 2):
            tick(NOW + minutes * MINUTE)
        assert statuses(task) == ["queued", "skipped"]

    def test_a_run_by_hand_is_unfinished_too_and_never_skipped(self) -> None:
        task = make.task()
        by_hand = make.run(task, trigger="manual")
        tick(NOW + MINUTE)
        by_hand.refresh_from_db()
        assert by_hand.status == "queued"
        assert Run.objects.get(task=task, fire_at=NOW + MINUTE).status == "skipped"

    def test_queue_lets_one_wait(self) -> None:
        task = make.task(overlap_policy="queue")
        for minutes in (1, 2, 3):
            tick(NOW + minutes * MINUTE)
        assert statuses(task) == ["queued", "queued", "skipped"]

    def test_allow_lets_all_go(self) -> None:
        make.task(overlap_policy="allow")
        for minutes in (1, 2, 3):
            tick(NOW + minutes * MINUTE)
        assert release(NOW + 3 * MINUTE) == 3

    def test_replace_cancels_all_that_are_unfinished(self) -> None:
        task = make.task(overlap_policy="replace", misfire_policy="fire_all")
        tick(NOW + MINUTE)
        running = start(task, NOW + MINUTE)
        tick(NOW + 4 * MINUTE)
        running.refresh_from_db()
        assert running.cancel_requested_at == NOW + 4 * MINUTE
        assert statuses(task) == ["running", "queued", "queued", "queued"]
        tick(NOW + 5 * MINUTE)
        assert statuses(task) == ["running", "canceled", "canceled", "canceled", "queued"]

    def test_a_backfill_has_nothing_skipped(self) -> None:
        task = make.task()
        backfills.start(task, NOW - 10 * MINUTE, NOW, 1, SYSTEM, NOW)
        tick(NOW + MINUTE)
        assert Run.objects.get(fire_at=NOW + MINUTE).status == "queued"

    def test_rows_of_due_times_to_come_are_nobodys_earlier_run(self) -> None:
        task = make.task(cron_expression="*/5 * * * * *")
        tick(NOW + 5 * SECOND)
        assert Run.objects.filter(task=task).count() == 5
        assert Run.objects.filter(task=task, waits=True).count() == 1


class TestOrder:
    def test_a_line_waits_for_the_other_attempt_of_its_first(self) -> None:
        """Each of them once the one before has ended."""
        task = make.task(misfire_policy="fire_all", retry_count=1, retry_interval=60)
        tick(NOW + 2 * MINUTE)
        first = start(task, NOW + 2 * MINUTE)
        finish(first, failed("http_status", "no"), NOW + 2 * MINUTE)
        assert release(NOW + 2 * MINUTE) == 0
        assert release(NOW + 3 * MINUTE) == 1
        first.refresh_from_db()
        assert first.published_at
        finish(claim(first.trace_id, "w", NOW + 3 * MINUTE)[0], success(), NOW + 3 * MINUTE)  # type: ignore[index]
        assert release(NOW + 3 * MINUTE) == 1

    def test_it_goes_on_when_the_one_that_would_try_again_is_canceled(self) -> None:
        task = make.task(retry_count=1, retry_interval=600)
        tick(NOW + 2 * MINUTE)
        first = start(task, NOW + 2 * MINUTE)
        finish(first, failed("http_status", "no"), NOW + 2 * MINUTE)
        cancel(first, NOW + 2 * MINUTE, "ann")
        assert release(NOW + 2 * MINUTE) == 1

    def test_a_run_by_hand_does_not_wait_for_another_attempt(self) -> None:
        task = make.task(retry_count=1, retry_interval=600)
        tick(NOW + MINUTE)
        finish(start(task, NOW + MINUTE), failed("http_status", "no"), NOW + MINUTE)
        make.run(task, NOW + MINUTE, trigger="manual")
        assert release(NOW + MINUTE) == 1


def test_a_deleted_tasks_row_goes_to_a_worker_who_ends_it() -> None:
    task = make.task()
    fire.fire(NOW + MINUTE)
    ScheduledTask.objects.filter(pk=task.pk).delete()
    assert reach.reach(NOW + MINUTE) == 1
    assert release(NOW + MINUTE) == 1


def test_a_herd_is_reached_by_a_few_statements() -> None:
    few, many = 3, 60
    asked = []
    for count in (few, many):
        for task in [make.task() for _ in range(count)]:
            make.due(task, NOW)
        with CaptureQueriesContext(connection) as captured:
            assert reach.reach(NOW) == count
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 8


def test_where_nothing_is_due_reaching_is_one_question() -> None:
    with CaptureQueriesContext(connection) as captured:
        reach.reach(NOW)
    assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_judge_each_due_time_once() -> None:
    tasks = [make.task(misfire_grace_seconds=10) for _ in range(10)]
    fire.fire(NOW + 4 * MINUTE)
    together = threading.Barrier(2)

    def beat(seconds: int) -> int:
        together.wait()
        try:
            return reach.reach(NOW + 4 * MINUTE + seconds * SECOND)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as beats:
        assert sum(beats.map(beat, (0, 1))) == 40
    for task in tasks:
        assert (
            statuses(task) == ["missed", "missed", "missed", "queued"]
            or statuses(task)[-2:] == ["queued"] * 2
        )
