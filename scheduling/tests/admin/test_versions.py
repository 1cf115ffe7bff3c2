"""A task's versions: side by side, and back to one."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from scheduling.acts import tasks
from scheduling.models import ScheduledTask, TaskVersion
from tenants.access import SYSTEM
from tenants.models import AuditEntry
from testing.world import World, page


def change(task: ScheduledTask, **columns: Any) -> ScheduledTask:
    def apply(row: ScheduledTask) -> None:
        for name, value in columns.items():
            setattr(row, name, value)

    return tasks.update(task.pk, apply, SYSTEM, timezone.now())


@pytest.fixture
def task(world: World) -> ScheduledTask:
    change(world.task, script_content="result = 'second'\nlog('more')", time_points=["09:00"])
    return change(world.task, task_name="third")


def test_two_versions_stand_side_by_side(world: World, task: ScheduledTask) -> None:
    shown = world.client("viewer").get(page(task, "versions"), {"old": 1, "new": 3})
    differences = {one.column: one for one in shown.context["differences"]}
    assert set(differences) == {"name", "script", "time points"}
    assert (differences["time points"].old, differences["time points"].new) == ("08:00", "09:00")
    assert [line.new for line in differences["script"].lines] == [
        (1, "result = 'second'"),
        (2, "log('more')"),
    ]


def test_a_version_alone_is_compared_with_the_one_before(world: World, task: ScheduledTask) -> None:
    shown = world.client("viewer").get(page(task, "versions"), {"new": 3})
    assert [one.column for one in shown.context["differences"]] == ["name"]


@pytest.mark.parametrize(
    "query", [{"new": "x"}, {"new": "99"}, {"old": "-1"}, {"new": "9" * 30}, {"p": "zzz"}]
)
def test_a_forged_version_is_no_fault(world: World, task: ScheduledTask, query: dict[str, str]) -> None:
    assert world.client("viewer").get(page(task, "versions"), query).status_code == 200


def test_restoring_makes_a_new_version_of_an_old_one(world: World, task: ScheduledTask) -> None:
    answer = world.client("admin").post(page(task, "restore"), {"version": 1})
    assert answer.status_code == 302
    task.refresh_from_db()
    assert (task.task_name, task.time_points, task.version) == ("our report", ["08:00"], 4)
    assert AuditEntry.objects.filter(action="restore", username="admin").count() == 1


def test_restoring_leaves_secrets_and_the_switch_alone(world: World, task: ScheduledTask) -> None:
    change(task, webhook_secret="kept", is_enabled=False)
    world.client("admin").post(page(task, "restore"), {"version": 1})
    task.refresh_from_db()
    assert (task.webhook_secret, task.is_enabled) == ("kept", False)


def test_a_version_that_would_be_wrong_today_is_not_restored(world: World, task: ScheduledTask) -> None:
    fields = TaskVersion.objects.get(task=task, version=1).fields | {"notify_channels": [4711]}
    TaskVersion.objects.filter(task=task, version=1).update(fields=fields)
    answer = world.client("admin").post(page(task, "restore"), {"version": 1}, follow=True)
    assert "4711" in answer.content.decode()
    task.refresh_from_db()
    assert task.task_name == "third"


def test_a_version_that_never_was_is_not_found(world: World, task: ScheduledTask) -> None:
    assert world.client("admin").post(page(task, "restore"), {"version": 99}).status_code == 404


def test_only_who_may_restore_has_the_button(world: World, task: ScheduledTask) -> None:
    button = page(task, "restore")
    assert button in world.client("admin").get(page(task, "versions")).content.decode()
    assert button not in world.client("operator").get(page(task, "versions")).content.decode()
    assert button not in world.client("admin").get(page(task)).content.decode()
