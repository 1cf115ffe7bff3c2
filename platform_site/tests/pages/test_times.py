"""Times in the tables of pages: the reader's zone to read, the task's own on hover."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from notifications import outbox
from notifications.models import Delivery, DeliveryKind
from scheduling.acts import runs
from scheduling.models import Run, RunStatus, ScheduledTask, TaskVersion
from tenants.admin.reader_zone import COOKIE
from testing.actors import ANN
from testing.world import World, page

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
AT = NOW - timedelta(minutes=5)
IN_TOKYO = ("2026-03-10 20:55:00 Asia/Tokyo", "2026-03-10 11:55:00")  # title, text


@pytest.fixture
def run(world: World) -> Run:
    """What the pages tell of it, and of its task, was at AT."""
    ScheduledTask.objects.filter(pk=world.task.pk).update(timezone="Asia/Tokyo", next_run_at=None)
    TaskVersion.objects.update(at=AT)
    run = runs.run_now(world.task, ANN, AT)
    Run.objects.update(started_at=AT)
    message = outbox.OutgoingMessage("done", DeliveryKind.RESULT, log_id=run.pk, tenant_id="ours")
    outbox.enqueue([world.channel], message, AT)
    Delivery.objects.update(sent_at=AT)
    return run


def times(world: World, address: str, after: str = "<td>") -> list[tuple[str, str]]:
    """Of times that stand after this: what is seen on hover, and what is read."""
    with time_machine.travel(NOW, tick=False):
        client = world.client("viewer")
        client.cookies[COOKIE] = "UTC"
        shown = client.get(address).content.decode()
    return re.findall(after + r'<time datetime="[^"]+" title="([^"]+)">([^<]+)</time>', shown)


def test_a_tasks_versions(world: World, run: Run) -> None:
    assert times(world, page(world.task, "versions")) == [IN_TOKYO]


def test_the_latest_run_on_a_tasks_page(world: World, run: Run) -> None:
    assert times(world, page(world.task, "overview"), after="</a> ") == [IN_TOKYO]


def test_a_runs_deliveries(world: World, run: Run) -> None:
    assert times(world, page(run)) == [IN_TOKYO]


def test_a_channels_deliveries_know_no_task(world: World, run: Run) -> None:
    assert times(world, page(world.channel)) == [("2026-03-10 11:55:00 UTC", "2026-03-10 11:55:00")]


def test_what_comes_next(world: World, run: Run) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(next_run_at=NOW)
    assert times(world, "/admin/") == [("2026-03-10 21:00:00 Asia/Tokyo", "2026-03-10 12:00:00")]


def test_the_last_failures(world: World, run: Run) -> None:
    Run.objects.update(status=RunStatus.FAILED)
    assert times(world, "/admin/") == [IN_TOKYO]


def test_a_failure_of_a_deleted_task_keeps_its_time(world: World, run: Run) -> None:
    Run.objects.update(status=RunStatus.FAILED, task_id=4711)
    assert times(world, "/admin/") == [("2026-03-10 11:55:00 UTC", "2026-03-10 11:55:00")]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_djangos_own_pages_write_times_as_all_others_do(world: World, language: str) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(start_at=AT)
    client = world.client("viewer", language)
    client.cookies[COOKIE] = "UTC"
    assert "2026-03-10 11:55:00" in client.get(page(world.task)).content.decode()
