"""What is running or on its way to a worker, and what may join it: by tenant, queue, backfill and task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import override_settings

from scheduling.lifecycle import in_flight
from scheduling.lifecycle.in_flight import (
    COLUMNS,
    FIRST_ATTEMPT,
    InFlight,
    is_first_attempt,
    policies,
    retrying,
)
from scheduling.models import Backfill, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import NOW
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
FREE: Mapping[str, int | None] = {"script": None, "io": None}
HOOK = {"execution_type": "webhook", "webhook_url": "http://127.0.0.1/"}


def waiting(task: ScheduledTask, **columns: Any) -> Run:
    return make.run(task, **columns)


def on_its_way(task: ScheduledTask, **columns: Any) -> Run:
    return make.run(task, published_at=NOW, **columns)


def running(task: ScheduledTask, **columns: Any) -> Run:
    return on_its_way(task, status="running", **columns)


def row(run: Run) -> dict[str, Any]:
    return Run.objects.values(*COLUMNS).get(pk=run.pk)


def task(tenant: Tenant | None = None, **columns: Any) -> ScheduledTask:
    return make.task(tenant=tenant, **columns)


def test_runs_that_wait_have_ended_or_were_never_sent_are_not_in_flight() -> None:
    one = task()
    there = {on_its_way(one).pk, running(one).pk}
    waiting(task()), make.run(task(), status="success", published_at=NOW)
    found = InFlight(FREE)
    assert (found.runs, found.busy) == (there, {one.pk})


def test_ahead_of_a_queue_is_what_no_worker_has_yet() -> None:
    on_its_way(task()), on_its_way(task()), running(task()), on_its_way(task(**HOOK)), waiting(task())
    found = InFlight(FREE)
    assert [found.ahead(["script"]), found.ahead(["webhook"]), found.ahead(["script", "webhook"])] == [
        2,
        1,
        3,
    ]


@pytest.mark.parametrize(
    ("policy", "is_blocked"), [("skip", True), ("queue", True), ("replace", True), ("allow", False)]
)
def test_a_waiting_run_is_blocked_by_the_one_before_unless_they_may_overlap(
    policy: str, is_blocked: bool
) -> None:
    busy = task(overlap_policy=policy)
    running(busy), waiting(busy, waits=True)
    assert InFlight(FREE).blocked() == [busy.pk] * is_blocked


def test_nothing_is_blocked_where_nothing_waits_or_nothing_is_in_flight() -> None:
    running(task()), waiting(task(), waits=True)
    judged = task()
    running(judged), waiting(judged, waits=False)
    assert InFlight(FREE).blocked() == []


class TestATenant:
    @pytest.fixture
    def small(self) -> Tenant:
        return make.tenant("small", max_running=2)

    def test_takes_up_to_its_own_limit_and_what_it_takes_counts(self, small: Tenant) -> None:
        own = task(small, overlap_policy="allow")
        running(own)
        first, second = waiting(own), waiting(own)
        found = InFlight(FREE)
        assert found.full_tenants("script") == []
        assert [found.takes(row(first)), found.takes(row(second))] == [True, False]
        assert found.full_tenants("script") == ["small"]

    def test_without_one_of_its_own_has_the_platforms(self) -> None:
        own = task(make.tenant("acme"), overlap_policy="allow")
        running(own)
        with override_settings(TENANT_MAX_RUNNING=1):
            assert not InFlight(FREE).takes(row(waiting(own)))
        with override_settings(TENANT_MAX_RUNNING=2):
            assert InFlight(FREE).takes(row(waiting(own)))

    def test_is_full_on_one_queue_by_its_share_and_free_on_another(self) -> None:
        acme = make.tenant("acme")
        running(task(acme)), running(task(acme, **HOOK))
        script, hook = waiting(task(acme)), waiting(task(acme, **HOOK))
        found = InFlight({"script": 1, "io": 2})
        assert (found.full_tenants("script"), found.full_tenants("io")) == (["acme"], [])
        assert [found.takes(row(script)), found.takes(row(hook)), found.takes(row(hook))] == [
            False,
            True,
            False,
        ]

    def test_is_not_filled_by_another(self, small: Tenant) -> None:
        for _ in range(2):
            running(task(make.tenant("other")))
        assert InFlight(FREE).takes(row(waiting(task(small))))

    @override_settings(TENANT_MAX_RUNNING=1)
    def test_that_is_nobody_has_a_share_and_no_limit_and_is_not_named(self) -> None:
        running(task()), running(task())
        late = waiting(task())
        assert InFlight(FREE).takes(row(late))
        assert not InFlight({"script": 2}).takes(row(late))
        assert InFlight({"script": 2}).full_tenants("script") == []


def test_a_run_that_is_in_flight_is_not_taken_again() -> None:
    sent = on_its_way(task())
    assert not InFlight(FREE).takes(row(sent))


class TestABackfill:
    def of(self, max_parallel: int) -> tuple[ScheduledTask, dict[str, Any]]:
        own = task(overlap_policy="allow")
        columns = {"from_at": NOW, "to_at": NOW, "max_parallel": max_parallel, "total": 9}
        return own, {"backfill": Backfill.objects.create(task=own, **columns)}

    def test_takes_up_to_its_max_parallel(self) -> None:
        own, columns = self.of(2)
        on_its_way(own, **columns)
        first, second = waiting(own, **columns), waiting(own, **columns)
        found = InFlight(FREE)
        assert found.full_backfills() == []
        assert [found.takes(row(first)), found.takes(row(second))] == [True, False]
        assert found.full_backfills() == [columns["backfill"].pk]

    def test_holds_up_neither_another_nor_a_run_of_none(self) -> None:
        own, columns = self.of(1)
        _, others = self.of(1)
        running(own, **columns)
        found = InFlight(FREE)
        assert found.takes(row(waiting(own)))
        assert found.takes(row(waiting(own, **others)))


class TestRetrying:
    @pytest.mark.parametrize("columns", [{"attempt": 1}, {"error_code": "dify_rate"}])
    def test_is_a_task_whose_due_time_has_had_its_turn_and_waits(self, columns: dict[str, Any]) -> None:
        one, other = task(), task()
        run = waiting(one, trigger="schedule", **columns)
        waiting(other, trigger="schedule")
        assert retrying() == retrying([one.pk, other.pk]) == {one.pk}
        assert retrying([other.pk]) == set()
        assert not is_first_attempt(run)

    @pytest.mark.parametrize(
        "columns",
        [{"trigger": "manual"}, {"trigger": "rerun"}, {"status": "running"}, {"status": "success"}],
        ids=str,
    )
    def test_is_none_whose_run_somebody_asked_for_or_that_does_not_wait(
        self, columns: dict[str, Any]
    ) -> None:
        waiting(task(), **{"trigger": "schedule", "attempt": 1} | columns)
        assert retrying() == set()

    def test_is_none_whose_runs_may_overlap(self) -> None:
        waiting(task(overlap_policy="allow"), trigger="schedule", attempt=1)
        assert retrying() == set()

    def test_a_row_that_was_read_is_judged_as_the_database_judges_it(self) -> None:
        states = [{}, {"attempt": 1}, {"error_code": "dify_rate"}]
        runs = [waiting(task(), trigger=name, **one) for name in ("schedule", "manual") for one in states]
        first = set(Run.objects.filter(FIRST_ATTEMPT))
        assert [is_first_attempt(run) for run in runs] == [run in first for run in runs]
        assert first == {runs[0]}


def test_a_task_that_hands_out_windows_has_them_in_a_line_whatever_its_policy() -> None:
    windows = make.windows_task(overlap_policy="allow")
    by_clock = task(overlap_policy="allow", use_windows=True)
    skipping = task(overlap_policy="skip")
    found = policies([windows.pk, by_clock.pk, skipping.pk, skipping.pk + 1])
    assert found == {windows.pk: "queue", by_clock.pk: "allow", skipping.pk: "skip"}


def test_what_is_in_flight_is_read_once_and_not_for_each_question(django_assert_num_queries: Any) -> None:
    running(task(make.tenant("acme")))
    late = row(waiting(task(make.tenant("acme"))))
    found = in_flight.InFlight(FREE)
    with django_assert_num_queries(0):
        found.ahead(["script"]), found.full_tenants("script"), found.full_backfills(), found.takes(late)
