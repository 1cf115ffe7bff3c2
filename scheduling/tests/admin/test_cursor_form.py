"""“Next window starts at …”: what it means first, then done."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.models import ScheduledTask
from testing.world import World, page

SHANGHAI = ZoneInfo("Asia/Shanghai")
CURSOR = datetime(2026, 11, 1, 8, 0, 5, tzinfo=SHANGHAI)


@pytest.fixture
def task(world: World) -> ScheduledTask:
    columns = {"schedule_type": "interval", "interval_minutes": 60, "use_windows": True, "is_enabled": False}
    ScheduledTask.objects.filter(pk=world.task.pk).update(last_end_time=CURSOR, **columns)
    return world.task


def asked(world: World, task: ScheduledTask, start: str) -> dict[str, str]:
    form = world.client("admin").get(page(task, "cursor")).context["form"]
    assert form.initial["start"] == CURSOR
    return {"start": start, "seen": form.initial["seen"], "version": form.initial["version"]}


def test_it_says_what_is_asked_for_again_or_left_out_before_it_is_done(
    world: World, task: ScheduledTask
) -> None:
    client = world.client("admin")
    earlier = client.post(page(task, "cursor"), asked(world, task, "2026-11-01T05:00:05")).content.decode()
    assert "from 2026-11-01 05:00:05 to 2026-11-01 08:00:05 will be requested again (windows: 3)" in earlier
    later = client.post(page(task, "cursor"), asked(world, task, "2026-11-01T10:00:00")).content.decode()
    assert "will never be requested (windows: 2)" in later
    task.refresh_from_db()
    assert task.last_end_time == CURSOR


def test_it_is_moved_to_the_second(world: World, task: ScheduledTask) -> None:
    given = asked(world, task, "2026-11-01T05:00:07") | {"move": "yes"}
    shown = world.client("admin").post(page(task, "cursor"), given, follow=True).content.decode()
    assert "The next window starts at 2026-11-01 05:00:07." in shown
    task.refresh_from_db()
    assert task.last_end_time == datetime(2026, 11, 1, 5, 0, 7, tzinfo=SHANGHAI)


def test_a_page_whose_cursor_has_moved_meanwhile_is_refused(world: World, task: ScheduledTask) -> None:
    given = asked(world, task, "2026-11-01T05:00:07") | {"move": "yes"}
    moved = datetime(2026, 11, 1, 9, 0, 5, tzinfo=SHANGHAI)
    ScheduledTask.objects.filter(pk=task.pk).update(last_end_time=moved)
    shown = world.client("admin").post(page(task, "cursor"), given).content.decode()
    assert "has changed in the meantime" in shown
    task.refresh_from_db()
    assert task.last_end_time == moved


@pytest.mark.parametrize(
    ("field", "text"), [("start", "0001-01-01T00:00"), ("seen", "x"), ("version", "9" * 30)]
)
def test_what_cannot_be_is_told(world: World, task: ScheduledTask, field: str, text: str) -> None:
    given = asked(world, task, "2026-11-01T05:00:07") | {"move": "yes", field: text}
    assert world.client("admin").post(page(task, "cursor"), given).status_code == 200
