"""The list of runs: filters by index, no counting of the whole, names of nobody else's tasks."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduling.acts import runs
from scheduling.models import Run, RunStatus, ScheduledTask
from testing.actors import ANN
from testing.world import World, listing

RUNS = listing(Run)
NOON = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
FILTERS: list[dict[str, Any]] = [
    {},
    {"status": "failed"},
    {"status": "running"},
    {"day": "2026-03-10"},
    {"day": "2026-03-10", "status": "failed"},
    {"task__id__exact": 1},
    {"trigger": "manual"},
    {"tenant__code__exact": "ours"},
    {"_facets": ""},
]


def ran(task: ScheduledTask, status: RunStatus = RunStatus.SUCCESS, at: datetime = NOON) -> Run:
    run = runs.run_now(task, ANN, at)
    Run.objects.filter(pk=run.pk).update(status=status)
    return run


def found(world: World, who: str = "viewer", **query: Any) -> list[int]:
    answer = world.client(who).get(RUNS, query)
    return [row.pk for row in answer.context["cl"].result_list]


def test_runs_are_found_by_status_task_and_day(world: World) -> None:
    failed = ran(world.task, RunStatus.FAILED)
    other = ran(world.their_task, RunStatus.FAILED)
    earlier = ran(world.task, at=NOON.replace(day=9, hour=23, minute=59))
    assert found(world, status="failed") == [failed.pk]
    assert found(world, "superuser", status="failed") == [other.pk, failed.pk]
    assert found(world, "superuser", task__id__exact=world.their_task.pk) == [other.pk]
    assert found(world, day="2026-03-10") == [failed.pk]
    assert found(world, day="2026-03-09") == [earlier.pk]


@pytest.mark.parametrize("day", ["2026-02-31", "x", "9999-12-31", "0001-01-01"])
def test_a_forged_day_is_no_fault(world: World, day: str) -> None:
    assert world.client("viewer").get(RUNS, {"day": day}).status_code == 200


def test_quick_filters_keep_what_else_is_filtered(world: World) -> None:
    shown = world.client("viewer").get(RUNS, {"status": "failed", "day": "2026-03-10", "p": "1"})
    quick = {str(one.label): one for one in shown.context["quick"]}
    assert quick["failed"].is_on
    assert quick["running"].query == "?day=2026-03-10&status=running"
    assert quick["All"].query == "?day=2026-03-10"


def test_the_filter_names_no_task_of_another_tenant(world: World) -> None:
    shown = world.client("viewer").get(RUNS, {"task__id__exact": world.their_task.pk}).content.decode()
    assert world.their_task.task_name not in shown
    assert (
        world.task.task_name
        in world.client("viewer").get(RUNS, {"task__id__exact": world.task.pk}).content.decode()
    )


def test_tasks_to_choose_from_are_looked_up_not_listed(world: World) -> None:
    shown = world.client("viewer").get(RUNS).content.decode()
    assert world.task.task_name not in shown
    query = {"app_label": "scheduling", "model_name": "run", "field_name": "task", "term": "report"}
    offered = world.client("viewer").get(reverse("admin:autocomplete"), query).json()["results"]
    assert [one["text"] for one in offered] == [world.task.task_name]


@pytest.mark.parametrize("query", FILTERS)
@pytest.mark.parametrize("who", ["superuser", "viewer"])
def test_no_query_counts_without_a_bound(world: World, who: str, query: dict[str, Any]) -> None:
    ran(world.task, RunStatus.FAILED)
    with CaptureQueriesContext(connection) as asked:
        assert world.client(who).get(RUNS, query).status_code == 200
    counts = [one["sql"] for one in asked if "COUNT(" in one["sql"]]
    assert counts
    assert [sql for sql in counts if not re.search(r"LIMIT \d+", sql)] == []


def test_a_longer_page_asks_no_more_often(world: World) -> None:
    ran(world.task)
    with CaptureQueriesContext(connection) as few:
        found(world)
    for _ in range(20):
        ran(world.task)
    with CaptureQueriesContext(connection) as many:
        assert len(found(world)) == 21
    assert len(many) == len(few)


def test_what_may_be_long_is_not_read_for_the_list(world: World) -> None:
    ran(world.task)
    with CaptureQueriesContext(connection) as asked:
        found(world)
    for column in ("output", "result", "params", "timeline", "script_content"):
        assert not [one["sql"] for one in asked if f'"{column}"' in one["sql"]], column
