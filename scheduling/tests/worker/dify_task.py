"""A Dify task whose app is a replay, and its attempts by the product's own code: claim, execute, finish."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from testing.servers.dify_replay import DifyReplay, says

KEY = "app-0123456789abcdefghij"
NO_INPUTS = says(200, {"user_input_form": []})


def dify_task(dify: DifyReplay, **columns: Any) -> ScheduledTask:
    defaults = {
        "execution_type": "dify",
        "dify_url": dify.url,
        "dify_api_key": KEY,
        "cron_expression": "0 0 1 1 *",
    }
    return make.task(timezone.now(), **defaults | columns)


def run_of(task: ScheduledTask, **columns: Any) -> Run:
    return make.run(task, timezone.now(), **columns)


def paths(dify: DifyReplay) -> list[str]:
    return [request.path.partition("?")[0] for request in dify.requests]


def node(title: str, error: str) -> tuple[dict[str, object], dict[str, object]]:
    data = {"id": "e", "node_id": "n", "node_type": "http-request", "title": title}
    done = data | {"status": "exception", "error": error}
    return {"event": "node_started", "data": data}, {"event": "node_finished", "data": done}


def finished(status: str, **data: object) -> dict[str, object]:
    ids = {"workflow_run_id": "r", "task_id": "t"}
    return {"event": "workflow_finished", **ids, "data": {"id": "r", "status": status, **data}}
