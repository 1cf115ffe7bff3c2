"""Tasks that journeys make, and what became of their runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.deploy.engine.stack import Stack
from tests.patience import eventually


def make_task(stack: Stack, **columns: Any) -> int:
    """Due tomorrow, unless `columns` say otherwise."""
    far = {"schedule_type": "once", "run_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    body = {"tenant_id": "default", "timezone": "UTC", **far, **columns}
    return int(stack.call("POST", "/api/scheduled-tasks", body, expected=201)["id"])


def run_now(stack: Stack, task: int) -> dict[str, Any]:
    """The run, when it has ended."""
    asked = stack.call("POST", f"/api/scheduled-tasks/{task}/run", {}, expected=202)["log_id"]
    return eventually(lambda: next((r for r in stack.ended(task) if r["id"] == asked), {}))
