"""Failed runs are counted in groups, in the transaction that ends them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.execution import Outcome, failed, success
from scheduling.lifecycle import transitions
from scheduling.models import FailureGroup, FailureState, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import HOUR, NOW
from scheduling.worker.claim import claim

TABLE = FailureGroup._meta.db_table
DAY = timedelta(days=1)


def end(task: ScheduledTask, outcome: Outcome, at: datetime = NOW) -> Run:
    claimed = claim(make.run(task, at).trace_id, "w", at)
    assert claimed
    assert transitions.finish(claimed[0], outcome, at)
    return claimed[0]


def fail(
    task: ScheduledTask, at: datetime = NOW, error: str = "HTTP 500 at 08:00", code: str = "http_status"
) -> Run:
    return end(task, failed(code, error), at)


@pytest.mark.django_db
class TestCounting:
    def test_the_first_failure_makes_a_group(self) -> None:
        task = make.task()
        run = fail(task)
        group = FailureGroup.objects.get()
        assert (group.task, group.tenant_id, group.error_code) == (task, "acme", "http_status")
        assert (group.place, group.error) == ("HTTP 500", "HTTP 500 at 08:00")
        assert (group.run_count, group.last_run_id, group.days) == (1, run.pk, {"2026-11-20": 1})
        assert group.first_at == group.last_at == group.opened_at == NOW
        assert (group.state, group.decided_by, group.muted_until) == ("open", "", None)

    def test_the_same_failure_is_counted_in_it(self) -> None:
        task = make.task()
        fail(task)
        fail(task, NOW + HOUR)
        run = fail(task, NOW + DAY, error="HTTP 500 at 08:01")
        group = FailureGroup.objects.get()
        assert (group.run_count, group.last_run_id, group.error) == (3, run.pk, "HTTP 500 at 08:01")
        assert {day: int(n) for day, n in group.days.items()} == {"2026-11-20": 2, "2026-11-21": 1}
        assert (group.first_at, group.last_at, group.opened_at) == (NOW, NOW + DAY, NOW)

    def test_another_failure_and_another_task_have_groups_of_their_own(self) -> None:
        task = make.task()
        for error in ("HTTP 500", "HTTP 404"):
            fail(task, error=error)
        fail(make.task())
        assert FailureGroup.objects.count() == 3

    def test_an_attempt_that_is_repeated_is_not_counted(self) -> None:
        fail(make.task(retry_count=1, retry_interval=0))
        assert not FailureGroup.objects.exists()

    def test_a_success_asks_the_database_nothing(self) -> None:
        task = make.task()
        fail(task)
        with CaptureQueriesContext(connection) as asked:
            end(task, success(), NOW + HOUR)
        assert not [one["sql"] for one in asked if TABLE in one["sql"]]

    def test_a_failure_costs_one_statement(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            fail(make.task())
        assert len([one["sql"] for one in asked if TABLE in one["sql"]]) == 1

    def test_a_deleted_tasks_run_is_in_no_group(self) -> None:
        task = make.task()
        claimed = claim(make.run(task).trace_id, "w", NOW)
        assert claimed
        ScheduledTask.objects.filter(pk=task.pk).delete()
        assert transitions.finish(claimed[0], failed("http_status", "HTTP 500"), NOW)
        assert not FailureGroup.objects.exists()


@pytest.mark.django_db
class TestState:
    @pytest.mark.parametrize(
        ("state", "until", "then"),
        [
            (FailureState.OPEN, None, FailureState.OPEN),
            (FailureState.RESOLVED, None, FailureState.OPEN),
            (FailureState.MUTED, None, FailureState.MUTED),
            (FailureState.MUTED, NOW + 2 * HOUR, FailureState.MUTED),
            (FailureState.MUTED, NOW + HOUR, FailureState.OPEN),
        ],
    )
    def test_a_failure_opens_what_people_had_done_with(
        self, state: FailureState, until: datetime | None, then: FailureState
    ) -> None:
        task = make.task()
        fail(task)
        FailureGroup.objects.update(state=state, muted_until=until)
        assert FailureGroup.objects.get().comes_back_with(NOW + HOUR) == (state != then)
        fail(task, NOW + HOUR)
        group = FailureGroup.objects.get()
        assert (group.state, group.run_count) == (then, 2)
        assert group.opened_at == (NOW if state == then else NOW + HOUR)

    def test_a_success_resolves_nothing(self) -> None:
        task = make.task()
        fail(task)
        end(task, success(), NOW + HOUR)
        assert FailureGroup.objects.get().state == "open"


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_many_ends_at_once_find_no_deadlock_and_lose_no_count() -> None:
    """Of many tasks, whose groups begin in the same moment; a second failure of each meets them."""
    tasks = [make.task(overlap_policy="allow") for _ in range(8)]
    claimed = [
        found for task in tasks for _ in range(6) if (found := claim(make.run(task).trace_id, "w", NOW))
    ]
    assert len(claimed) == 48

    def finish(run: Run) -> bool:
        with closing(connection):
            return transitions.finish(run, failed("http_status", "HTTP 500"), NOW)

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(finish, [run for run, *_ in claimed]))
    assert list(FailureGroup.objects.values_list("run_count", flat=True)) == [6] * 8
