"""/api/scheduled-tasks/{id}/window-cursor"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from scheduling.models import ScheduledTask
from scheduling.tests import make
from testing.callers import Caller, fields, member

pytestmark = pytest.mark.django_db
CURSOR = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def admin() -> Caller:
    return member("admin")


@pytest.fixture
def task() -> ScheduledTask:
    return make.windows_task(timezone.now(), last_end_time=CURSOR)


def asked(start: datetime, **more: Any) -> dict[str, Any]:
    return {"start": start.isoformat(), "last_end_time": CURSOR.isoformat()} | more


def test_the_answer_says_what_is_repeated_and_left_out(admin: Caller, task: ScheduledTask) -> None:
    path = f"/scheduled-tasks/{task.pk}/window-cursor"
    dry = admin.post(path, asked(CURSOR - timedelta(hours=1), dry_run=True))
    assert ScheduledTask.objects.get().last_end_time == CURSOR
    done = admin.post(path, asked(CURSOR - timedelta(hours=1)))
    assert dry.json()["repeated"] == done.json()["repeated"]
    assert done.json() | {"windows_behind": 0} == {
        "last_end_time": "2026-10-31T23:00:00+00:00",
        "was": "2026-11-01T00:00:00+00:00",
        "repeated": {"start": "2026-10-31T23:00:00+00:00", "end": "2026-11-01T00:00:00+00:00", "windows": 6},
        "left_out": None,
        "windows_behind": 0,
    }
    assert ScheduledTask.objects.get().last_end_time == CURSOR - timedelta(hours=1)


def test_what_has_changed_since_is_a_conflict(admin: Caller, task: ScheduledTask) -> None:
    path = f"/scheduled-tasks/{task.pk}/window-cursor"
    for body in (asked(CURSOR, last_end_time=None), asked(CURSOR, version=9)):
        refused = admin.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "stale")


def test_a_start_to_come_is_refused_beside_its_field(admin: Caller, task: ScheduledTask) -> None:
    refused = admin.post(
        f"/scheduled-tasks/{task.pk}/window-cursor", asked(timezone.now() + timedelta(days=1))
    )
    assert (refused.status_code, fields(refused)) == (422, {"start"})


def test_a_put_of_a_whole_task_leaves_the_cursor(admin: Caller, task: ScheduledTask) -> None:
    path = f"/scheduled-tasks/{task.pk}"
    read = admin.get(path).json()
    later = CURSOR + timedelta(minutes=30)
    ScheduledTask.objects.filter(pk=task.pk).update(last_end_time=later)
    assert admin.put(path, read | {"task_name": "renamed"}).status_code == 200
    assert ScheduledTask.objects.get().last_end_time == later
