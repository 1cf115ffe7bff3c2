"""What the database reads for a page of the run list, and for beat, in a history of 200,000 runs.

Runs on whatever database the settings name; the services suite names MariaDB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from common.rest.paging import MAX_COUNTED
from scheduling.api.run_schemas import RunFilters
from scheduling.api.runs import visible_page
from scheduling.beat import fire, reach, reaper, reconcile
from scheduling.lifecycle import fair_order, run_alerts
from scheduling.lifecycle.new_run import new_run
from scheduling.models import Run, ScheduledTask, Trigger
from scheduling.tests import history, make
from scheduling.tests.make import MINUTE, NOW, release
from tenants.access import SYSTEM, Actor
from tenants.models import Tenant

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("history")]
TABLE = Run._meta.db_table
RUNS, TASKS, TENANTS = 200_000, 1000, 50
BUSY_TASK, OLD_TASK = TASKS + 1, TASKS + 2
OLD_RUNS = "n BETWEEN 2000 AND 4000"  # of a task and a tenant that have had none since
# Counting stops at MAX_COUNTED; MySQL reads what it has counted once more, from a temporary table.
MAX_READ = 2 * MAX_COUNTED + 5000
# MySQL and MariaDB 11 rather sort a few rows that another index has found than read an index in its order.
MAX_SORTED = 500
STATUS = """CASE WHEN n % 1009 = 7 THEN 'failed' WHEN n % 5003 = 3 THEN 'missed' WHEN n % 10 = 1 THEN 'skipped'
    WHEN n % 101 = 8 THEN 'canceled' ELSE 'success' END"""
OLD = {
    "due_from": NOW - timedelta(seconds=RUNS - 1000),
    "due_to": NOW - timedelta(seconds=RUNS - 1400),
}
CREATED = {"created_from": OLD["due_from"], "created_to": OLD["due_to"]}


@pytest.fixture(scope="module", autouse=True)
def _history(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A run each second, a thousand that wait and some on their way; analysed, as MySQL does by itself."""
    with django_db_blocker.unblock():
        history.prepare(TABLE)
        first = NOW - timedelta(seconds=RUNS)
        row = new_run(ScheduledTask(pk=1, task_name="report"), Trigger.SCHEDULE, NOW)
        then = history.seconds_after(first, "n")
        columns = {
            "task_id": f"CASE WHEN {OLD_RUNS} THEN {OLD_TASK}"
            f" WHEN n % 20 = 19 THEN {BUSY_TASK} ELSE 1 + n % {TASKS} END",
            "tenant_id": f"CASE WHEN {OLD_RUNS} THEN 'old' "
            + " ".join(f"WHEN n % {TENANTS} = {n} THEN 't{n}'" for n in range(TENANTS)) + " END",
            "trigger": "CASE WHEN n % 1013 = 3 THEN 'manual' ELSE 'schedule' END",
            "due_at": then,
            "error_code": "CASE WHEN n % 1009 = 7 THEN 'timeout' ELSE '' END",
        }  # fmt: skip
        times = dict.fromkeys(("fire_at", "not_before", "created_at", "finished_at"), then)
        history.copies(row, RUNS, columns | times | {"trace_id": "n", "status": STATUS})
        late = {"not_before": history.seconds_after(NOW, "-n"), "status": "'queued'"}
        history.copies(row, 1000, columns | late | {"trace_id": f"n + {RUNS}", "waits": "n % 2"})
        going = late | {"published_at": history.seconds_after(NOW, "-n % 60")}
        history.copies(row, 300, columns | going | {"trace_id": f"n + {2 * RUNS}"})
        lease = {"status": "'running'", "lease_until": history.seconds_after(NOW, "n % 30")}
        history.copies(row, 300, columns | going | lease | {"trace_id": f"n + {3 * RUNS}"})
        history.analyze(TABLE)
        yield
        history.empty(TABLE)


def statements(act: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [
        query["sql"] for query in captured if TABLE in query["sql"] and not query["sql"].startswith("INSERT")
    ]


LISTS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"before_id": RUNS // 2}, ""),
    ({"page": 50}, ""),
    ({"task_id": 3}, "runs_of_task"),
    ({"task_id": 3, "before_id": RUNS // 2}, "runs_of_task"),
    ({"task_id": BUSY_TASK}, "runs_of_task"),
    ({"task_id": 8, "status": "failed"}, "runs_of_task_by_status"),
    ({"task_id": OLD_TASK}, "runs_of_task"),
    ({"task_id": OLD_TASK, "before_id": RUNS // 2}, "runs_of_task"),
    ({"task_id": OLD_TASK, "status": "success"}, "runs_of_task_by_status"),
    ({"tenant_id": "t3"}, "runs_of_tenant"),
    ({"tenant_id": "old"}, "runs_of_tenant"),
    ({"tenant_id": "old", "before_id": RUNS // 2}, "runs_of_tenant"),
    ({"tenant_id": "t3", "before_id": RUNS // 2}, "runs_of_tenant"),
    ({"tenant_id": "t3", "status": "success"}, ""),
    ({"tenant_id": "t3", "trigger": "schedule"}, "runs_of_tenant"),
    ({"status": "missed"}, "runs_on_their_way"),
    ({"status": "failed"}, "runs_on_their_way"),
    ({"status": "canceled"}, "runs_on_their_way"),
    ({"status": "success"}, ""),
    ({"trigger": "manual"}, "runs_by_trigger"),
    ({"trigger": "rerun"}, "runs_by_trigger"),
    ({"trigger": "manual", "before_id": RUNS // 2}, "runs_by_trigger"),
    ({"status": "success", "before_id": RUNS // 2}, ""),
    ({"status": "success", "before_id": RUNS // 10}, ""),
    (OLD, "runs_by_due_time"),
    ({"due_from": OLD["due_from"]}, "runs_by_due_time"),
    (CREATED, "runs_by_creation"),
    ({"created_to": OLD["due_to"]}, "runs_by_creation"),
    (CREATED | {"tenant_id": "t3"}, "runs_by_creation"),
    ({"error_code": "timeout"}, "runs_by_error"),
    ({"error_code": "none"}, "runs_by_error"),
    ({"error_code": "timeout", "before_id": RUNS // 2}, "runs_by_error"),
    (OLD | {"tenant_id": "t3"}, "runs_by_due_time"),
    (OLD | {"task_id": 3}, "runs_of_task"),
]


@pytest.mark.parametrize(("filters", "index"), LISTS, ids=lambda value: str(value)[:80])
def test_a_page_of_runs_is_read_by_an_index_without_sorting(filters: dict[str, Any], index: str) -> None:
    count, page = statements(lambda: visible_page(SYSTEM, RunFilters(**filters)))
    plan = history.plan(page)
    is_in_order = not plan.sorts and (not index or index in plan.indexes)
    assert is_in_order or (history.may_sort() and history.rows_read(page) <= MAX_SORTED), plan
    for sql in (count, page):
        assert history.rows_read(sql) <= MAX_READ, history.plan(sql)


@pytest.mark.parametrize(
    "filters", [{}, {"status": "success"}, {"status": "failed"}, {"trigger": "manual"}, OLD]
)
@pytest.mark.parametrize("tenants", [1, 3])
def test_a_members_page_reads_little_more_than_its_tenants_runs(
    filters: dict[str, Any], tenants: int
) -> None:
    member = Actor("ann", 1, False, {f"t{n}": "viewer" for n in range(tenants)})
    for sql in statements(lambda: visible_page(member, RunFilters(**filters))):
        assert history.rows_read(sql) <= MAX_READ, history.plan(sql)


@pytest.mark.parametrize(
    "filters",
    [
        {},
        OLD,
        {"tenant_id": "t3"},
        {"task_id": BUSY_TASK},
        {"status": "failed"},
        {"before_id": 90_000},
        {"status": "success"},
    ],
)
def test_a_search_that_finds_nothing_reads_a_part_of_the_history(filters: dict[str, Any]) -> None:
    found = statements(lambda: visible_page(SYSTEM, RunFilters(search="nowhere", **filters)))
    for sql in found:
        assert history.rows_read(sql) <= 2 * MAX_READ, history.plan(sql)


def test_the_failures_of_a_task_are_counted_among_its_own_runs() -> None:
    (sql,) = statements(lambda: run_alerts.failures_in_a_row(ScheduledTask(pk=OLD_TASK)))
    assert history.rows_read(sql) <= MAX_READ, history.plan(sql)


BEAT: list[Callable[[], object]] = [
    lambda: release(NOW),
    lambda: reaper.reap(NOW + timedelta(seconds=5)),
    lambda: reconcile.unpublish_unclaimed(NOW),
    lambda: reconcile.free_stranded_windows(NOW),
    lambda: fire.next_wake(NOW),
    lambda: fire.fire(NOW + MINUTE),
    lambda: reach.reach(NOW),
    lambda: fair_order.next_of(3, NOW),
]


@pytest.mark.parametrize(
    "act", BEAT, ids=["release", "reap", "unclaimed", "stranded", "wake", "fire", "reach", "next"]
)
def test_beat_reads_what_has_not_ended_and_nothing_of_the_history(act: Callable[[], object]) -> None:
    Tenant.objects.create(code="t3", name="T3", max_running=5)
    make.task()
    make.windows_task(last_end_time=NOW, next_run_at=None)
    ScheduledTask.objects.filter(use_windows=True).update(next_run_at=None)
    found = statements(act)
    assert found
    for sql in found:
        assert history.rows_read(sql) <= MAX_READ, history.plan(sql)
        assert TABLE not in history.plan(sql).scanned, history.plan(sql)


def test_the_measures_tell_a_full_scan_and_a_sort() -> None:
    sql = f"SELECT id FROM {TABLE} WHERE external_id = 'none' ORDER BY external_id, duration_ms"
    assert history.rows_read(sql) > 2 * MAX_READ
    plan = history.plan(sql)
    assert not plan.indexes
    assert plan.scanned == {TABLE}
    assert plan.sorts


def test_the_measures_tell_an_index() -> None:
    plan = history.plan(f"SELECT * FROM {TABLE} WHERE tenant_id = 't3' ORDER BY id")
    assert plan.indexes == {"runs_of_tenant"}
    assert not plan.scanned
    assert not plan.sorts
