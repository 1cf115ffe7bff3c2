"""Turns a request's fields into a task's columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from common.masked_input import unmasked
from common.redact import mask_value
from scheduling.api.task_schemas import TaskFields, headers_of
from scheduling.models import ScheduledTask
from tenants.access import Actor
from tenants.api.scope import tenant_of_new, writable_tenant

ADDRESSES = ("webhook_url", "alert_webhook")
# Columns that have no NULL: null in a request empties them.
EMPTY: dict[str, Any] = {
    "time_points": [],
    "notify_channels": [],
    "input_params": {},
    **dict.fromkeys(
        (
            "task_desc", "cron_expression", "calendar", "dify_url", "dify_api_key", "dify_workflow_id", "dify_query",
            "dify_user", "webhook_url", "webhook_body_template", "webhook_secret", "script_content", "script_deps",
            "result_template", "alert_webhook",
        ),
        "",
    ),
}  # fmt: skip


def fill(task: ScheduledTask, sent: TaskFields, actor: Actor) -> None:
    """Set the columns that were sent. Raises UnprocessableError, and ForbiddenError for the tenant."""
    columns = sent.model_dump(include=sent.model_fields_set - {"version"})
    if "tenant_id" in columns and (task.pk is None or columns["tenant_id"] != task.tenant_id):
        task.tenant_id = writable_tenant(columns["tenant_id"], actor)
    columns.pop("tenant_id", None)
    if "webhook_headers" in columns:
        columns["webhook_headers"] = _headers(task, columns["webhook_headers"] or {})
    for column, given in columns.items():
        value = EMPTY[column] if given is None and column in EMPTY else given
        is_address = column in ADDRESSES
        setattr(task, column, unmasked(column, value, getattr(task, column)) if is_address else value)


def new_task(sent: TaskFields, actor: Actor) -> ScheduledTask:
    task = ScheduledTask()
    if "tenant_id" not in sent.model_fields_set:
        task.tenant_id = tenant_of_new(sent, actor)
    fill(task, sent, actor)
    if "use_windows" not in sent.model_fields_set:
        task.use_windows = task.execution_type == "dify" and task.schedule_type == "interval"
    return task


def _headers(task: ScheduledTask, sent: Mapping[str, str]) -> str:
    stored = headers_of(task)
    kept = {
        name: unmasked("webhook_headers", value, stored.get(name, ""), mask_value)
        for name, value in sent.items()
    }
    return json.dumps(kept) if kept else ""
