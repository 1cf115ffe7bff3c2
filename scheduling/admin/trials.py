"""The test run on a task's page.

It holds what the bundle (frontend/src/trial.ts) asks of the API for a script that no form holds.
"""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from scheduling.kinds.script.kind import SCRIPT
from scheduling.lifecycle.trials import MAX_SECONDS
from scheduling.models import ScheduledTask


def panel(task: ScheduledTask) -> str:
    return render_to_string("platform/trial.html", {"saved": _request(task)})


def _request(task: ScheduledTask) -> dict[str, Any]:
    seconds = task.timeout_seconds or SCRIPT.timeout_seconds
    return {
        "tenant_id": task.tenant_id,
        "script_content": task.script_content,
        "script_deps": task.script_deps,
        "input_params": task.input_params,
        "timeout_seconds": min(seconds, MAX_SECONDS),
    }
