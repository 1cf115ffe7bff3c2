"""Acts for many tasks of the list at once: what is done, what is left out, and who may."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from scheduling.acts import tasks
from scheduling.admin import task_bulk
from scheduling.models import Run, ScheduledTask
from tenants.access import SYSTEM
from tenants.models import AuditEntry, Role, TenantMember
from testing.world import World, listing
from testing.world import task as new_task


def act(client: Client, name: str, *selected: ScheduledTask, **more: str) -> list[str]:
    """Do it, and return what the page says then."""
    data = {"action": name, "_selected_action": [task.pk for task in selected], **more}
    answer = client.post(listing(ScheduledTask), data, follow=True)
    return [str(message) for message in answer.context["messages"]]


def change(task: ScheduledTask, **columns: object) -> None:
    def apply(row: ScheduledTask) -> None:
        for name, value in columns.items():
            setattr(row, name, value)

    tasks.update(task.pk, apply, SYSTEM, timezone.now())
    task.refresh_from_db()


def test_the_selected_tasks_are_run_and_an_incomplete_one_is_named(world: World) -> None:
    draft = new_task(world.ours, "a draft")
    ScheduledTask.objects.filter(pk=draft.pk).update(script_content="")
    said = act(world.client("operator"), "run_selected", world.task, draft)
    assert said == [
        "Left out: a draft. Fill in these fields before the task can run: script.",
        "1 run was queued.",
    ]
    assert Run.objects.get().triggered_by == "operator"


def test_the_selected_tasks_are_switched_each_with_a_version_and_an_audit_row(world: World) -> None:
    off, on = new_task(world.ours, "off"), world.task
    change(off, is_enabled=False)
    client = world.client("operator")
    said = act(client, "disable_selected", on, off)
    assert said == ["Left out: off. They are disabled already.", "1 task was disabled."]
    on.refresh_from_db()
    assert (on.is_enabled, on.version) == (False, 2)
    assert AuditEntry.objects.filter(object_id=on.pk, action="toggle", username="operator").exists()
    assert act(client, "enable_selected", on, off) == ["2 tasks were enabled."]


def test_a_task_that_cannot_be_enabled_is_named_with_the_reason(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(is_enabled=False, script_content="")
    [said] = act(world.client("operator"), "enable_selected", world.task)
    assert said.startswith("Left out: our report. script_content: ")
    world.task.refresh_from_db()
    assert not world.task.is_enabled


def test_tags_are_added_and_removed(world: World) -> None:
    other, client = new_task(world.ours, "other"), world.client("admin")
    change(world.task, tags=["sales"])
    assert act(client, "tag_selected", world.task, other, tags="sales，daily") == ["2 tasks were changed."]
    assert [task.tags for task in ScheduledTask.objects.filter(tenant=world.ours).order_by("pk")] == [
        ["sales", "daily"],
        ["sales", "daily"],
    ]
    assert act(client, "tag_selected", other, tags="daily") == [
        "Left out: other. They have these tags already."
    ]
    assert act(client, "untag_selected", world.task, tags="sales") == ["1 task was changed."]
    assert act(client, "untag_selected", world.task, tags="sales") == [
        "Left out: our report. They have none of these tags."
    ]
    assert act(client, "tag_selected", other) == ["Write the tags beside the action."]
    world.task.refresh_from_db()
    assert world.task.tags == ["daily"]


def test_tags_that_break_the_rule_are_left_out(world: World) -> None:
    change(world.task, tags=[f"tag {n}" for n in range(10)])
    [said] = act(world.client("admin"), "tag_selected", world.task, tags="one more")
    assert said.startswith("Left out: our report. tags: ")


def test_no_more_than_a_bound_is_taken_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_bulk, "MAX_AT_ONCE", 1)
    said = act(world.client("operator"), "disable_selected", world.task, new_task(world.ours, "other"))
    assert said == ["Only the first 1 of the selected tasks were taken.", "1 task was disabled."]


def test_each_is_offered_what_a_role_of_theirs_allows(world: World) -> None:
    shown = {
        name: world.client(name).get(listing(ScheduledTask)).content.decode()
        for name in ("viewer", "operator", "admin")
    }
    offered = {
        name: {one for one in task_bulk.TaskBulk.actions if f'value="{one}"' in text}
        for name, text in shown.items()
    }
    assert offered["viewer"] == {"export_selected"}
    assert offered["operator"] == {"export_selected", "run_selected", "enable_selected", "disable_selected"}
    assert offered["admin"] == set(task_bulk.TaskBulk.actions)


def test_a_task_of_a_tenant_where_the_role_is_too_low_is_left_out(world: World) -> None:
    client = world.client("operator")
    user = TenantMember.objects.get(tenant=world.ours, role=Role.OPERATOR).user
    TenantMember.objects.create(user=user, tenant=world.theirs, role=Role.VIEWER)
    said = act(client, "disable_selected", world.task, world.their_task, world.global_task)
    assert said == [
        "Left out: their report. Your role in their tenant does not allow it.",
        "1 task was disabled.",
    ]
    world.their_task.refresh_from_db()
    assert world.their_task.is_enabled


def test_a_viewer_can_do_nothing_by_a_forged_request(world: World) -> None:
    act(world.client("viewer"), "disable_selected", world.task)
    world.task.refresh_from_db()
    assert world.task.is_enabled
