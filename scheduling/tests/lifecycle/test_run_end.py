"""What a run's end means for its task, its backfill and those who wait: each part stands for itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Delivery
from scheduling.acts import backfills
from scheduling.execution import Outcome, failed, success
from scheduling.lifecycle import follow, run_end
from scheduling.models import Backfill, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW
from tenants.access import SYSTEM

pytestmark = pytest.mark.django_db
LATER = NOW + MINUTE


def ended(task: ScheduledTask, **columns: Any) -> Run:
    return make.run(task, **{"status": "success", "started_at": NOW, "finished_at": LATER} | columns)


def settle(run: Run, outcome: Outcome | None = None) -> None:
    run_end.settle(run, run_end.lock(run), outcome or success(), LATER, was_alone=True)


def test_the_task_gets_the_runs_time_status_and_message() -> None:
    task = make.task()
    settle(ended(task, status="failed", error="It broke."), failed("timeout", "It broke."))
    task.refresh_from_db()
    assert (task.last_run_at, task.last_run_status, task.last_run_message) == (NOW, "failed", "It broke.")


def test_a_run_that_never_began_counts_from_its_end() -> None:
    task = make.task()
    settle(ended(task, started_at=None))
    task.refresh_from_db()
    assert task.last_run_at == LATER


def test_a_long_error_is_cut_to_its_column() -> None:
    task = make.task()
    settle(ended(task, status="failed", error="x" * 3000), failed("timeout", "x"))
    task.refresh_from_db()
    assert task.last_run_message == "x" * 2000


def test_only_the_end_of_a_run_that_moves_the_cursor_moves_it() -> None:
    task = make.windows_task(last_end_time=NOW - 20 * MINUTE)
    window = {"window_start": NOW - 20 * MINUTE, "window_end": NOW - 10 * MINUTE}
    settle(ended(task, **window))
    task.refresh_from_db()
    assert task.last_end_time == NOW - 20 * MINUTE
    settle(ended(task, moves_cursor=True, **window))
    task.refresh_from_db()
    assert (task.last_end_time, task.next_run_at) == (NOW - 10 * MINUTE, NOW)


def test_a_result_is_queued_for_the_tasks_channels() -> None:
    settle(ended(make.task(notify_channels=[make.channel().pk])), success({"n": 1}, message="hi"))
    assert Delivery.objects.count() == 1


def test_the_end_is_counted_on_the_runs_backfill() -> None:
    task = make.task(overlap_policy="allow")
    backfills.start(task, NOW - 2 * MINUTE, NOW, 1, SYSTEM, NOW)
    first, second = Run.objects.order_by("pk")
    first.status, second.status = "success", "failed"
    settle(first)
    settle(second, failed("timeout", "It broke."))
    assert Backfill.objects.values_list("done", "failed").get() == (2, 1)


def test_the_run_of_a_deleted_task_still_counts_and_lets_others_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = make.task(overlap_policy="allow", notify_channels=[make.channel().pk])
    backfills.start(task, NOW - MINUTE, NOW, 1, SYSTEM, NOW)
    run = Run.objects.get()
    ScheduledTask.objects.filter(pk=task.pk).delete()
    begun: list[Run] = []
    monkeypatch.setattr(follow, "let_others_begin", lambda run, *_, **__: begun.append(run))
    assert run_end.lock(run) is None
    settle(run, success(message="hi"))
    assert begun == [run]
    assert Backfill.objects.get().done == 1
    assert not Delivery.objects.exists()


def test_the_task_is_locked_before_the_backfill() -> None:
    task = make.task()
    backfills.start(task, NOW - MINUTE, NOW, 1, SYSTEM, NOW)
    run = Run.objects.get()
    with CaptureQueriesContext(connection) as asked:
        assert run_end.lock(run) == task
    first, second = (query["sql"] for query in asked.captured_queries)
    assert ScheduledTask._meta.db_table in first
    assert Backfill._meta.db_table in second
    for sql in (first, second):
        assert ("FOR UPDATE" in sql) is connection.features.has_select_for_update


def test_each_part_stands_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """`give_up` leaves out a part that fails and carries out the others."""
    task = make.task()
    backfills.start(task, NOW - MINUTE, NOW, 1, SYSTEM, NOW)
    run = Run.objects.get()
    run.status = "success"
    _, *others = run_end.steps_of(run, run_end.lock(run), success(), LATER, was_alone=True)
    for step in others:
        step()
    task.refresh_from_db()
    assert (task.last_run_status, Backfill.objects.get().done) == ("success", 0)
