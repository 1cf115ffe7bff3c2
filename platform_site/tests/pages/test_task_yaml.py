"""A task as YAML, to copy from its page."""

from __future__ import annotations

from django.urls import reverse

from scheduling.models import ScheduledTask
from testing.world import World, listing


def test_a_task_is_copied_without_its_secrets(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(alert_webhook="https://example.com/secret")
    answer = world.client("viewer").get(reverse("task_yaml", args=[world.task.pk]))
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert "task_name: our report" in text
    assert "alert_webhook:\n    secret: ours/our report/alert_webhook" in text
    assert "https://example.com/secret" not in text


def test_another_tenants_task_is_not_there(world: World) -> None:
    for task in (world.their_task, world.global_task):
        assert world.client("admin").get(reverse("task_yaml", args=[task.pk])).status_code == 404


def test_the_selected_tasks_come_as_a_file_of_those_that_one_may_see(world: World) -> None:
    selected = {"action": "export_selected", "_selected_action": [world.task.pk, world.their_task.pk]}
    answer = world.client("superuser").post(listing(ScheduledTask), selected)
    address = answer["Location"]
    assert world.client("superuser").get(address).content.decode().count("task_name: ") == 2
    ours = world.client("viewer").get(address)
    assert 'filename="tasks.yaml"' in ours["Content-Disposition"]
    assert "task_name: our report" in ours.content.decode()
    assert "their report" not in ours.content.decode()


def test_an_impossible_id_is_refused(world: World) -> None:
    answer = world.client("viewer").get(reverse("tasks_yaml"), {"ids": "1,nothing"})
    assert answer.status_code == 400
