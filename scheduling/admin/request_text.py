"""The request that runs a task, as a line for a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from scheduling.models import Run


def run_request(task_id: int, params: Mapping[str, Any], window: Mapping[str, str] | None = None) -> str:
    """Return the line; the reader puts their own token in place of $TOKEN."""
    url = f"{settings.PUBLIC_BASE_URL}{reverse('api-1:run_task', args=[task_id])}"
    body = json.dumps(({"params": params} if params else {}) | dict(window or {}), ensure_ascii=False)
    json_header = "Content-Type: application/json"
    return (
        f'curl -X POST {shlex.quote(url)} -H "Authorization: Bearer $TOKEN"'
        f" -H {shlex.quote(json_header)} -d {shlex.quote(body)}"
    )


def rerun_request(run: Run) -> str:
    """Return the line that asks for a run with this run's parameters and window."""
    if run.window_start is None or run.window_end is None:
        return run_request(run.task_id, run.params)
    ends = {"window_start": run.window_start.isoformat(), "window_end": run.window_end.isoformat()}
    return run_request(run.task_id, run.params, ends)
