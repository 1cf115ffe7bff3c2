"""“Run with…”: a run with parameters and a window of the reader's choice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from scheduling.acts import runs
from scheduling.models import Run, ScheduledTask
from tenants.access import SYSTEM
from testing.world import World, page

WINDOWS = {"schedule_type": "interval", "interval_minutes": 60, "use_windows": True}


@pytest.fixture
def windowed(world: World) -> ScheduledTask:
    ScheduledTask.objects.filter(pk=world.task.pk).update(**WINDOWS)
    world.task.refresh_from_db()
    return world.task


def start(world: World, who: str = "operator", **sent: Any) -> Any:
    return world.client(who).post(page(world.task, "run_with"), sent)


def test_the_run_gets_exactly_the_parameters_that_are_shown(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(input_params={"city": "上海", "day": 1})
    answer = start(world, params='{"city": "北京"}')
    run = Run.objects.get()
    assert answer["Location"] == page(run)
    assert run.params == {"city": "北京"}
    assert run.triggered_by == "operator"


def test_the_form_begins_with_the_tasks_parameters_or_those_of_a_run(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(input_params={"city": "上海"})
    world.task.refresh_from_db()
    client, address = world.client("operator"), page(world.task, "run_with")
    assert "上海" in client.get(address).content.decode()
    run = runs.run_now(world.task, SYSTEM, timezone.now(), params={"city": "北京"})
    assert "北京" in client.get(f"{address}?from={run.pk}").content.decode()


def test_a_run_of_another_task_fills_in_nothing(world: World) -> None:
    run = runs.run_now(world.their_task, SYSTEM, timezone.now())
    for which in (run.pk, "x", ""):
        answer = world.client("operator").get(page(world.task, "run_with"), {"from": which})
        assert answer.status_code == 404


@pytest.mark.parametrize("params", ["{", "[1]"])
def test_parameters_that_are_no_object_start_nothing(world: World, params: str) -> None:
    answer = start(world, params=params)
    assert "params" in answer.context["form"].errors
    assert not Run.objects.exists()


def test_a_window_is_read_in_the_tasks_zone(world: World, windowed: ScheduledTask) -> None:
    start(world, params="{}", start="2026-03-01T08:00:00", end="2026-03-01T09:00:00")
    run = Run.objects.get()
    assert (run.window_start, run.window_end) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 1, 1, tzinfo=UTC),
    )
    assert not run.moves_cursor


def test_without_a_window_of_its_own_the_run_takes_the_next_one(
    world: World, windowed: ScheduledTask
) -> None:
    start(world, params="{}")
    assert Run.objects.get().moves_cursor


@pytest.mark.parametrize(
    ("start_at", "end_at", "wrong"),
    [
        ("2026-03-01T08:00:00", "", "end"),
        ("", "2026-03-01T08:00:00", "start"),
        ("2026-03-01T09:00:00", "2026-03-01T08:00:00", "end"),
        ("2026-03-01T09:00:00", "2999-03-01T08:00:00", "end"),
    ],
)
def test_an_impossible_window_is_told_beside_its_field(
    world: World, windowed: ScheduledTask, start_at: str, end_at: str, wrong: str
) -> None:
    answer = start(world, params="{}", start=start_at, end=end_at)
    assert [*answer.context["form"].errors] == [wrong]
    assert not Run.objects.exists()


def test_a_window_in_the_future_is_refused(world: World, windowed: ScheduledTask) -> None:
    now = timezone.now()
    with pytest.raises(runs.InvalidWindowError):
        runs.window_between(now, now + timedelta(hours=1), now)


def test_viewers_start_nothing(world: World) -> None:
    assert start(world, "viewer", params="{}").status_code == 403
    assert "run_with" not in world.client("viewer").get(page(world.task, "overview")).content.decode()


def test_a_task_that_lacks_something_is_said_to(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(script_content="")
    assert "Fill in these fields" in start(world, params="{}").content.decode()
