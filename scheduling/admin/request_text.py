"""The request that runs a task, as a line for a shell."""

from __future__ import annotations

import json
import shlex

from django.conf import settings
from django.urls import reverse

from scheduling.models import Run


def run_request(task_id: int, **body: object) -> str:
    """Return the line, with `body` as JSON; the reader puts their own token in place of $TOKEN."""
    url = f"{settings.PUBLIC_BASE_URL}{reverse('api-1:run_task', args=[task_id])}"
    json_header = "Content-Type: application/json"
    return (
        f'curl -X POST {shlex.quote(url)} -H "Authorization: Bearer $TOKEN"'
        f" -H {shlex.quote(json_header)} -d {shlex.quote(json.dumps(body, ensure_ascii=False))}"
    )


def rerun_request(run: Run) -> str:
    """Return the line that asks for a run with just this run's parameters and window."""
    window: dict[str, str] = {}
    if run.window_start and run.window_end:
        window = {"window_start": run.window_start.isoformat(), "window_end": run.window_end.isoformat()}
    return run_request(run.task_id, params=run.params, replace_params=True, **window)
