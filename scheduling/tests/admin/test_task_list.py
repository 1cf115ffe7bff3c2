"""The list of tasks: what a row shows, how many queries a page takes, and what the search finds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scheduling.acts import runs
from scheduling.admin import task_list
from scheduling.models import Run, RunStatus, ScheduledTask
from testing.actors import ANN
from testing.world import World, listing
from testing.world import task as new_task

TASKS = listing(ScheduledTask)


def ran(task: ScheduledTask, status: RunStatus = RunStatus.SUCCESS) -> Run:
    run = runs.run_now(task, ANN, timezone.now())
    Run.objects.filter(pk=run.pk).update(status=status)
    return run


def queries(world: World) -> list[str]:
    client = world.client("superuser")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(TASKS).status_code == 200
    return [one["sql"] for one in asked]


def test_a_page_takes_as_many_queries_for_many_tasks_as_for_few(world: World) -> None:
    ran(world.task)
    few = queries(world)
    for number in range(5):
        task = new_task(world.ours, f"report {number}")
        for _ in range(3):
            ran(task)
    many = queries(world)
    assert len(many) == len(few)
    assert sum(f'FROM "{Run._meta.db_table}"' in sql for sql in many) == 1


def test_a_row_shows_the_latest_runs_of_its_task_in_the_order_of_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_list, "STRIP", 2)
    ran(world.task, RunStatus.MISSED)
    ran(world.task, RunStatus.FAILED)
    ran(new_task(world.ours, "other"), RunStatus.CANCELED)
    ran(world.task, RunStatus.SUCCESS)
    shown = world.client("viewer").get(TASKS).content.decode()
    strips = re.findall(r'<ol class="strip small">(.*?)</ol>', shown)
    assert [re.findall(r'class="mark (\w+)', strip) for strip in strips] == [
        ["canceled"],
        ["failed", "success"],
    ]


def test_a_row_shows_tags_schedule_and_the_next_due_time(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(tags=["销售"])
    shown = world.client("viewer").get(TASKS).content.decode()
    assert '<span class="tags"><span>销售</span></span>' in shown
    assert re.search(r'<time datetime="[^"]+" title="[-\d]+ 08:00:00 Asia/Shanghai">in ', shown)


@pytest.mark.parametrize("name", ["superuser", "viewer"])
def test_the_tenant_is_shown_only_to_those_who_see_several(world: World, name: str) -> None:
    shown = world.client(name).get(TASKS).content.decode()
    assert ("column-tenant" in shown) == (name == "superuser")


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({"task_desc": "for the board"}, "board"),
        ({"script_content": "result = http_get('https://shop.example.com/orders')"}, "shop.example"),
        ({"dify_url": "https://dify.example.com/v1"}, "dify.example"),
    ],
)
def test_a_task_is_found_by_its_texts(world: World, columns: dict[str, Any], word: str) -> None:
    new_task(world.ours, "another")
    ScheduledTask.objects.filter(pk=world.task.pk).update(**columns)
    found = world.client("viewer").get(TASKS, {"q": word}).context["cl"].result_list
    assert [task.task_name for task in found] == ["our report"]
