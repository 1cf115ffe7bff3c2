"""Backfills: preview, start, progress, cancel."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from scheduling.acts import backfills
from scheduling.models import Backfill, Run, RunStatus, ScheduledTask
from tenants.access import SYSTEM
from testing.world import World, listing, page

RANGE = {"from_at": "2026-03-01T00:00", "to_at": "2026-03-04T00:00", "max_parallel": "2"}
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def started(world: World) -> Backfill:
    begin = datetime(2026, 3, 1, tzinfo=SHANGHAI)
    return backfills.start(world.task, begin, begin + timedelta(days=3), 2, SYSTEM, timezone.now())


def test_the_preview_says_how_many_and_from_when_to_when(world: World) -> None:
    shown = world.client("operator").post(page(world.task, "backfill"), RANGE)
    planned = shown.context["planned"]
    assert [one.due_at for one in planned] == [
        datetime(2026, 3, day, 8, tzinfo=SHANGHAI) for day in (1, 2, 3)
    ]
    assert "Start 3 runs" in shown.content.decode()
    assert not Backfill.objects.exists()


def test_times_are_of_the_tasks_zone(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(timezone="America/New_York")
    shown = world.client("operator").post(page(world.task, "backfill"), RANGE)
    first = shown.context["planned"][0].due_at
    assert first == datetime(2026, 3, 1, 8, tzinfo=ZoneInfo("America/New_York"))
    assert "2026-03-01 08:00:00" in shown.content.decode()


def test_it_starts_and_leads_to_its_page(world: World) -> None:
    answer = world.client("operator").post(page(world.task, "backfill"), RANGE | {"start": "yes"})
    row = Backfill.objects.get()
    assert answer["Location"] == page(row)
    assert (row.total, row.max_parallel, row.created_by) == (3, 2, "operator")
    assert Run.objects.filter(backfill=row).count() == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to_at": "2026-02-01T00:00"}, "to_at"),
        ({"to_at": "2999-01-01T00:00"}, "to_at"),
        ({"from_at": "yesterday"}, "from_at"),
        ({"max_parallel": "0"}, "max_parallel"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(world: World, changes: dict[str, str], field: str) -> None:
    shown = world.client("operator").post(page(world.task, "backfill"), RANGE | changes | {"start": "yes"})
    assert field in shown.context["form"].errors
    assert not Backfill.objects.exists()


def test_an_incomplete_task_has_none_and_says_what_it_lacks(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(is_enabled=False, script_content="")
    shown = world.client("operator").post(page(world.task, "backfill"), RANGE | {"start": "yes"})
    assert "Fill in these fields before the task can run: script" in shown.content.decode()
    assert not Backfill.objects.exists()


def test_a_range_without_a_due_time_offers_no_start(world: World) -> None:
    nothing = {"from_at": "2026-03-01T09:00", "to_at": "2026-03-01T10:00"}
    shown = world.client("operator").post(page(world.task, "backfill"), RANGE | nothing).content.decode()
    assert "has no due times" in shown
    assert 'name="start"' not in shown


def test_a_viewer_starts_none(world: World) -> None:
    client = world.client("viewer")
    assert client.get(page(world.task, "backfill")).status_code == 403
    assert client.post(page(world.task, "backfill"), RANGE | {"start": "yes"}).status_code == 403
    assert page(world.task, "backfill") not in client.get(page(world.task)).content.decode()
    assert not Backfill.objects.exists()


def test_the_page_shows_progress_and_reloads_until_the_end(world: World, started: Backfill) -> None:
    Backfill.objects.filter(pk=started.pk).update(done=1)
    shown = world.client("viewer").get(page(started)).content.decode()
    assert '<progress max="3" value="1"' in shown
    assert 'data-refresh-part="content-main"' in shown
    Backfill.objects.filter(pk=started.pk).update(done=3)
    assert (
        'data-refresh-part="content-main"' not in world.client("viewer").get(page(started)).content.decode()
    )


def test_canceling_ends_what_waits(world: World, started: Backfill) -> None:
    world.client("operator").post(page(started, "cancel"))
    started.refresh_from_db()
    assert started.status == "canceled"
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.CANCELED}


def test_a_deleted_tasks_backfills_can_be_read(world: World, started: Backfill) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).delete()
    client = world.client("superuser")
    assert "(deleted)" in client.get(page(started)).content.decode()
    assert "(deleted)" in client.get(listing(Backfill)).content.decode()
