"""*Test connection* of a Dify task."""

from __future__ import annotations

import pytest

from scheduling.acts import dify_connection
from scheduling.admin.connection import result_text
from scheduling.kinds.dify.client.connection import Connection
from scheduling.models import ScheduledTask
from testing.world import World, page


@pytest.fixture
def dify(world: World) -> ScheduledTask:
    columns = {
        "execution_type": "dify",
        "dify_url": "http://127.0.0.1:9/v1",
        "dify_api_key": "app-0123456789",
    }
    ScheduledTask.objects.filter(pk=world.task.pk).update(**columns)
    return world.task


def test_only_a_dify_task_has_the_button(world: World, dify: ScheduledTask) -> None:
    client = world.client("superuser")
    assert page(dify, "test_connection") in client.get(page(dify, "overview")).content.decode()
    button = page(world.their_task, "test_connection")
    assert button not in client.get(page(world.their_task, "overview")).content.decode()


def test_a_server_that_is_not_there_is_said_to_be_so(world: World, dify: ScheduledTask) -> None:
    answer = world.client("operator").post(page(dify, "test_connection"), follow=True)
    [said] = answer.context["messages"]
    assert said.level_tag == "error"
    assert "app-0123456789" not in answer.content.decode()


def test_what_the_app_says_is_told(
    world: World, dify: ScheduledTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Connection(ok=True, app_name="Reports", mode="workflow", server_version="1.15.0")
    monkeypatch.setattr(dify_connection, "check_task_connection", lambda task, now: found)
    shown = world.client("operator").post(page(dify, "test_connection"), follow=True)
    assert "“Reports”, workflow, Dify 1.15.0" in shown.content.decode()


def test_missing_and_undeclared_inputs_are_named() -> None:
    found = Connection(ok=False, missing_inputs=("city",), undeclared_inputs=("end_time",), detail="…")
    assert "city" in result_text(found)
    assert "end_time" in result_text(found)
    assert result_text(Connection(ok=False, detail="no route")) == "no route"
