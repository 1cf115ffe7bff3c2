"""The request that runs a task, as a line for a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse


def run_request(task_id: int, params: Mapping[str, Any]) -> str:
    """Return the line; the reader puts their own token in place of $TOKEN."""
    url = f"{settings.PUBLIC_BASE_URL}{reverse('api-1:run_task', args=[task_id])}"
    body = json.dumps({"params": params} if params else {}, ensure_ascii=False)
    json_header = "Content-Type: application/json"
    return (
        f'curl -X POST {shlex.quote(url)} -H "Authorization: Bearer $TOKEN"'
        f" -H {shlex.quote(json_header)} -d {shlex.quote(body)}"
    )
