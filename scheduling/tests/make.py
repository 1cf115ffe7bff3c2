"""Rows for tests, as small as they may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from notifications.models import NotifyChannel, WeComApp
from scheduling.acts import tasks
from scheduling.beat import arrears, fire, reach
from scheduling.beat.release import Release
from scheduling.lifecycle.new_run import new_run
from scheduling.models import Run, ScheduledTask, Trigger
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.validate import validate
from scheduling.worker.claim import claim
from tenants.access import SYSTEM
from tenants.models import Tenant

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def tenant(code: str = "acme", **columns: Any) -> Tenant:
    return Tenant.objects.get_or_create(code=code, defaults={"name": code.title()} | columns)[0]


def channel(code: str = "acme", **columns: Any) -> NotifyChannel:
    """A DingTalk robot of the tenant."""
    robot = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"
    defaults: dict[str, Any] = {"channel_name": "ops", "channel_type": "dingtalk_bot", "webhook_url": robot}
    return NotifyChannel.objects.create(tenant=tenant(code), **defaults | columns)


def wecom_app(code: str = "acme", **columns: Any) -> WeComApp:
    defaults: dict[str, Any] = {"app_name": "duty", "corp_id": "ww1", "agent_id": 1, "corp_secret": "s"}
    return WeComApp.objects.create(tenant=tenant(code), **defaults | columns)


def task(now: datetime = NOW, **columns: Any) -> ScheduledTask:
    """Saved as a user would: due every minute, a script."""
    defaults: dict[str, Any] = {
        "task_name": "report",
        "tenant": tenant(),
        "schedule_type": "cron",
        "cron_expression": "* * * * *",
        "timezone": "UTC",
        "script_content": "result = 1",
    }
    # Of the rules only the schedule's: rows stand in a database that were saved before a rule came.
    with patch.object(tasks, "require_valid", lambda task, _: validate(schedule_of(task))):
        return tasks.create(ScheduledTask(**defaults | columns), SYSTEM, now)


def windows_task(now: datetime = NOW, **columns: Any) -> ScheduledTask:
    defaults = {"schedule_type": "interval", "interval_minutes": 10, "use_windows": True}
    return task(now, **defaults | columns)


def run(of: ScheduledTask, now: datetime = NOW, **columns: Any) -> Run:
    row = new_run(of, Trigger.API, now)
    row.waits = True
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    return row


def due(of: ScheduledTask, at: datetime) -> Run:
    """A row that beat has written ahead, and that nobody has judged."""
    return run(of, at, trigger=Trigger.SCHEDULE, due_at=at, fire_at=at, waits=False)


def tick(now: datetime) -> None:
    """What a beat does first: due times become rows, and are judged when they are reached."""
    fire.fire(now)
    while arrears.work_off(now):
        pass
    reach.reach(now)


def states(of: ScheduledTask) -> list[tuple[str, str]]:
    """(due time as HH:MM:SS, status) of the task's runs, oldest first."""
    rows = Run.objects.filter(task=of).order_by("due_at", "pk").values_list("due_at", "status")
    return [(f"{due:%H:%M:%S}" if due else "", status) for due, status in rows]


def release(now: datetime) -> int:
    """What a beat that has just started puts on Redis."""
    return sum(Release().fill(now).values())


def claimed(row: Run, worker: str = "w1") -> Run:
    found = claim(row.trace_id, worker, NOW)
    assert found is not None
    return found[0]


def state(of: Run) -> tuple[str, str, int]:
    of.refresh_from_db()
    return of.status, of.error_code, of.attempt


def change(row: ScheduledTask, now: datetime = NOW, **columns: Any) -> ScheduledTask:
    def apply(locked: ScheduledTask) -> None:
        for name, value in columns.items():
            setattr(locked, name, value)

    return tasks.update(row.pk, apply, SYSTEM, now)
