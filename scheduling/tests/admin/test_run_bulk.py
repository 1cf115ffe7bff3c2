"""Acts for many runs of the list at once: what is done, what is left out, and who may."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from scheduling.acts import runs
from scheduling.admin import run_bulk
from scheduling.models import Run, RunStatus, ScheduledTask
from tenants.models import AuditEntry
from testing.actors import ANN
from testing.world import World, listing


def queued(task: ScheduledTask, status: RunStatus = RunStatus.QUEUED) -> Run:
    run = runs.run_now(task, ANN, timezone.now())
    Run.objects.filter(pk=run.pk).update(status=status)
    return run


def act(client: Client, name: str, *selected: Run) -> list[str]:
    """Do it, and return what the page says then."""
    data = {"action": name, "_selected_action": [run.pk for run in selected]}
    answer = client.post(listing(Run), data, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_the_selected_runs_are_canceled_and_those_that_ended_are_named(world: World) -> None:
    waiting, also, ended = queued(world.task), queued(world.task), queued(world.task, RunStatus.SUCCESS)
    said = act(world.client("operator"), "cancel_selected", waiting, also, ended)
    assert said == ["2 runs are being stopped.", f"Left out: #{ended.pk}. They had already ended."]
    assert Run.objects.filter(status=RunStatus.CANCELED).count() == 2
    assert AuditEntry.objects.filter(object_type="run", action="cancel").count() == 2


def test_the_selected_runs_are_run_again_with_their_parameters(world: World) -> None:
    failed = runs.run_now(world.task, ANN, timezone.now(), params={"city": "上海"})
    Run.objects.filter(pk=failed.pk).update(status=RunStatus.FAILED)
    going = queued(world.task, RunStatus.RUNNING)
    gone = queued(world.task, RunStatus.FAILED)
    Run.objects.filter(pk=gone.pk).update(task_id=10**6)
    said = act(world.client("operator"), "rerun_selected", failed, going, gone)
    assert said == [
        "1 run was queued again.",
        f"Left out: #{gone.pk}. Their task has been deleted.",
        f"Left out: #{going.pk}. They have not ended yet.",
    ]
    assert Run.objects.get(trigger="rerun").params == {"city": "上海"}


def test_no_more_than_a_bound_is_taken_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_bulk, "MAX_AT_ONCE", 1)
    said = act(world.client("operator"), "cancel_selected", queued(world.task), queued(world.task))
    assert said == ["Only the first 1 of the selected runs were taken.", "1 run is being stopped."]


def test_a_viewer_is_offered_nothing_and_can_do_nothing(world: World) -> None:
    run, client = queued(world.task), world.client("viewer")
    assert "cancel_selected" not in client.get(listing(Run)).content.decode()
    act(client, "cancel_selected", run)
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_another_tenants_run_is_not_even_found(world: World) -> None:
    theirs = queued(world.their_task)
    act(world.client("operator"), "cancel_selected", theirs)
    theirs.refresh_from_db()
    assert theirs.status == RunStatus.QUEUED
