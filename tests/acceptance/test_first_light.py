"""From nothing to scheduled runs with their messages: real processes, a real Redis, real sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from testing.patience import eventually
from testing.platform import Platform
from testing.servers.dify_replay import DifyReplay, replays, transcript
from testing.servers.robots import Robots
from testing.servers.webhook import Webhook

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("first light")]

ZONE = ZoneInfo("Asia/Shanghai")
SECRET = "SEC" + "0" * 60 + "dead"
SCRIPT = """
log('begin')
seen = get_var('seen', 0) + 1
set_var('seen', seen)
answer = http_get(get_param('url'))
print('answered', answer.status_code)
result = {'title': 'Script', 'content': f'seen {seen}, {answer.json()["ok"]}'}
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with Platform(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def robots() -> Iterator[Robots]:
    with Robots() as running:
        yield running


def soon(seconds: int = 10) -> datetime:
    """Late enough for the task to stand by then, on a slow machine too."""
    return (datetime.now(ZONE) + timedelta(seconds=seconds)).replace(microsecond=0)


def make_channel(platform: Platform, robot: Any) -> int:
    body = {
        "tenant_id": "default",
        "channel_name": "ops",
        "channel_type": "dingtalk_bot",
        "webhook_url": robot.url,
        "sign_secret": SECRET,
    }
    return int(platform.call("POST", "/api/notification-channels", body, expected=201)["id"])


def make_task(platform: Platform, channel: int, **columns: Any) -> int:
    body = {"tenant_id": "default", "notify_channels": [channel], "timezone": str(ZONE)} | columns
    return int(platform.call("POST", "/api/scheduled-tasks", body, expected=201)["id"])


def only_run(platform: Platform, task: int) -> dict[str, Any]:
    """The task's first run with everything the API tells of it, once its message is out."""
    run_id = platform.ended(task)[0]["id"]
    delivered = eventually(
        lambda: platform.call("GET", f"/api/deliveries?log_id={run_id}&status=sent")["items"]
    )
    run = platform.call("GET", f"/api/task-logs/{run_id}")
    run["lines"] = platform.call("GET", f"/api/task-logs/{run_id}/lines")["items"]
    run["deliveries"] = delivered
    return dict(run)


def assert_came_through(run: dict[str, Any], due: datetime, robot: Any) -> None:
    assert (run["status"], run["error"], run["attempt"]) == ("success", "", 1), run
    assert datetime.fromisoformat(run["due_at"]) == due
    assert run["duration_ms"] is not None
    assert [line["seq"] for line in run["lines"]] == list(range(1, len(run["lines"]) + 1))
    assert run["lines"]
    assert [(d["status"], d["errcode"]) for d in run["deliveries"]] == [("sent", "0")]
    assert len(robot.shown) == 1


def test_a_webhook_by_time_point(platform: Platform, robots: Robots) -> None:
    robot = robots.dingtalk(secret=SECRET)
    channel = make_channel(platform, robot)
    with Webhook((200, {"result": {"title": "Hook", "content": "done"}})) as webhook:
        due = soon()
        task = make_task(
            platform,
            channel,
            task_name="hook",
            execution_type="webhook",
            webhook_url=webhook.url,
            webhook_secret="s3cret",
            schedule_type="simple",
            time_points=[f"{due:%H:%M:%S}"],
        )
        run = only_run(platform, task)
    assert_came_through(run, due, robot)
    assert "done" in robot.shown[0]["markdown"]["text"]
    [call] = webhook.calls
    stamp = call.headers["x-platform-timestamp"]
    signed = hmac.new(b"s3cret", stamp.encode() + b"." + call.body, hashlib.sha256).hexdigest()
    assert call.headers["x-platform-signature"] == f"sha256={signed}"
    assert call.headers["idempotency-key"] == run["trace_id"]
    assert json.loads(call.body)["task_name"] == "hook"


def test_a_script_by_interval(platform: Platform, robots: Robots) -> None:
    robot = robots.dingtalk(secret=SECRET)
    channel = make_channel(platform, robot)
    with Webhook() as site:
        due = soon()
        task = make_task(
            platform,
            channel,
            task_name="script",
            execution_type="script",
            script_content=SCRIPT,
            input_params={"url": site.url},
            schedule_type="interval",
            interval_minutes=60,
            start_at=due.isoformat(),
        )
        run = only_run(platform, task)
    assert_came_through(run, due, robot)
    assert [line["text"] for line in run["lines"]] == ["begin", "answered 200"]
    assert run["result"] == {"title": "Script", "content": "seen 1, True"}


def test_a_dify_workflow_by_cron(platform: Platform, robots: Robots) -> None:
    robot = robots.dingtalk(secret=SECRET)
    channel = make_channel(platform, robot)
    recorded = [replays(transcript("parameters")), replays(transcript("ok_streaming"), scale=0.2)]
    with DifyReplay(*recorded) as dify:
        due = soon()
        task = make_task(
            platform,
            channel,
            task_name="dify",
            execution_type="dify",
            dify_url=f"{dify.url}/v1/workflows/run",
            dify_api_key="app-0123456789abcdef",
            input_params={"start_time": "2026-11-20 00:00:00", "end_time": "2026-11-21 00:00:00"},
            schedule_type="cron",
            cron_expression=f"{due.second} {due.minute} {due.hour} * * *",
        )
        run = only_run(platform, task)
    assert_came_through(run, due, robot)
    assert run["external_id"] == "ea8856c4-1493-4c12-8731-73bbe93ba964"
    assert any("Daily report" in line["text"] for line in run["lines"])
    assert "日报" in robot.shown[0]["markdown"]["text"]
    assert dify.requests[-1].json()["user"] == f"task-{task}"


def test_run_now_and_cancel(platform: Platform, robots: Robots) -> None:
    channel = make_channel(platform, robots.dingtalk(secret=SECRET))
    script = "log('started')\ntime.sleep(250)"
    far = {"schedule_type": "once", "run_at": (soon() + timedelta(days=1)).isoformat()}
    task = make_task(platform, channel, task_name="slow", script_content=script, **far)
    asked = platform.call("POST", f"/api/scheduled-tasks/{task}/run", {}, expected=202)
    lines = f"/api/task-logs/{asked['log_id']}/lines"
    eventually(lambda: platform.call("GET", lines)["items"])
    platform.call("POST", f"/api/task-logs/{asked['log_id']}/cancel", expected=202)
    [run] = platform.ended(task)
    assert (run["status"], run["error_code"]) == ("canceled", "canceled")


def test_a_channel_test_says_what_the_service_said(platform: Platform, robots: Robots) -> None:
    channel = make_channel(platform, robots.dingtalk(secret="SEC" + "1" * 60))
    answer = platform.call("POST", f"/api/notification-channels/{channel}/test", {})
    assert answer["ok"] is False
    assert str(answer["errcode"]) == "310000"


def test_no_secret_stands_in_plain_in_the_data_dir(platform: Platform, robots: Robots) -> None:
    robot = robots.dingtalk(secret=SECRET)
    make_channel(platform, robot)
    token = robot.url.split("access_token=")[1]
    for path in Path(platform.data_dir).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert SECRET.encode() not in content, path
            assert token.encode() not in content, path


def test_doctor_finds_the_running_platform_well(platform: Platform) -> None:
    assert platform.call("GET", "/readyz")["status"] == "ok"
    assert platform.call("GET", "/healthz")["status"] == "ok"
