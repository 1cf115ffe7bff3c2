"""However many Dify runs go on, a message leaves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from testing.patience import eventually
from testing.platform import Platform
from testing.servers.dify_replay import DifyReplay, streams
from testing.servers.robots import Robots

pytestmark = pytest.mark.acceptance
SLOTS = 2
STARTED = {
    "event": "workflow_started",
    "task_id": "task",
    "workflow_run_id": "run",
    "data": {"id": "run", "workflow_id": "flow"},
}


def made(platform: Platform, **columns: Any) -> int:
    """A task that runs when it is asked to."""
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    body = {"tenant_id": "default", "schedule_type": "once", "run_at": tomorrow} | columns
    return int(platform.call("POST", "/api/scheduled-tasks", body, expected=201)["id"])


def run(platform: Platform, task: int) -> None:
    platform.call("POST", f"/api/scheduled-tasks/{task}/run", {}, expected=202)


def test_a_message_arrives_while_dify_runs_hold_every_slot_of_io(tmp_path: Path) -> None:
    silent = [streams(STARTED, ending="stall") for _ in range(SLOTS)]
    with Robots() as robots, DifyReplay(*silent) as dify, Platform(tmp_path, IO_SLOTS=str(SLOTS)) as platform:
        robot = robots.dingtalk()
        body = {"tenant_id": "default", "channel_name": "ops", "channel_type": "dingtalk_bot"}
        body["webhook_url"] = robot.url
        channel = platform.call("POST", "/api/notification-channels", body, expected=201)["id"]
        asking = {"execution_type": "dify", "dify_url": dify.url, "dify_api_key": "app-key"}
        long = [made(platform, task_name=f"long {n}", **asking) for n in range(SLOTS)]
        for task in long:
            run(platform, task)
        eventually(lambda: len(dify.requests) == SLOTS)
        quick = made(
            platform, task_name="quick", script_content="result = 'hello'", notify_channels=[channel]
        )
        run(platform, quick)
        eventually(lambda: robot.shown)
        assert [platform.runs(task)[0]["status"] for task in long] == ["running"] * SLOTS
