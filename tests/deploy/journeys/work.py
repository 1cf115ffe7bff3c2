"""Tasks that journeys make, and what became of their runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from testing.patience import eventually
from testing.servers.webhook import Call, Webhook
from tests.deploy.engine.stack import Stack


def make_task(stack: Stack, **columns: Any) -> int:
    """Due tomorrow, unless `columns` say otherwise."""
    if "schedule_type" not in columns:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        columns |= {"schedule_type": "once", "run_at": tomorrow.isoformat()}
    body = {"tenant_id": "default", "timezone": "UTC", **columns}
    return int(stack.call("POST", "/api/scheduled-tasks", body, expected=201)["id"])


def ask(stack: Stack, task: int) -> None:
    """For a run at once."""
    stack.call("POST", f"/api/scheduled-tasks/{task}/run", {}, expected=202)


def run_now(stack: Stack, task: int) -> dict[str, Any]:
    """The run, when it has ended."""
    asked = stack.call("POST", f"/api/scheduled-tasks/{task}/run", {}, expected=202)["log_id"]
    return eventually(lambda: next((r for r in stack.ended(task) if r["id"] == asked), {}))


HELD = """
import time
http_post(get_param('gate'))
{first}
while not http_get(get_param('gate')).json()['open']:
    time.sleep(0.2)
result = 'through'
"""


class Gate(Webhook):
    """Use it in a with block. Before it a script waits until it is `open`, holding what `first` has got it."""

    def __init__(self) -> None:
        self.open = False
        super().__init__(self._answered, "/gate")

    def _answered(self, _: Call) -> tuple[int, Any]:
        return 200, {"open": self.open}

    @property
    def arrived(self) -> int:
        """How often a run has begun to wait."""
        return sum(call.method == "POST" for call in self.calls)

    def task(self, stack: Stack, first: str = "", **columns: Any) -> int:
        """One whose runs wait here."""
        params = {"gate": stack.outside(self.url)}
        source = HELD.format(first=first)
        return make_task(stack, task_name="held", script_content=source, input_params=params, **columns)
