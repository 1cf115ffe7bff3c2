"""Turns a request's fields into a task's columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from common.masked_input import unmasked
from common.redact import mask_value
from scheduling.api.task_schemas import TaskFields
from scheduling.kinds import KINDS
from scheduling.models import ScheduledTask
from scheduling.rules import ADDRESSES
from tenants.access import Actor
from tenants.api.scope import tenant_of_new, writable_tenant

# Null in a request empties these.
NOT_NULL = {column.attname: column for column in ScheduledTask._meta.concrete_fields if not column.null}


def fill(task: ScheduledTask, sent: TaskFields, actor: Actor) -> None:
    """Set the columns that were sent. Raises UnprocessableError, and ForbiddenError for the tenant."""
    columns = sent.model_dump(include=sent.model_fields_set - {"version"})
    if "tenant_id" in columns and (task.pk is None or columns["tenant_id"] != task.tenant_id):
        task.tenant_id = writable_tenant(columns["tenant_id"], actor)
    columns.pop("tenant_id", None)
    if "webhook_headers" in columns:
        columns["webhook_headers"] = _headers(task, columns["webhook_headers"] or {})
    for column, given in columns.items():
        value = empty(column) if given is None else given
        is_address = column in ADDRESSES
        setattr(task, column, unmasked(column, value, getattr(task, column)) if is_address else value)


def new_task(sent: TaskFields, actor: Actor) -> ScheduledTask:
    task = ScheduledTask()
    if "tenant_id" not in sent.model_fields_set:
        task.tenant_id = tenant_of_new(sent, actor)
    fill(task, sent, actor)
    if "use_windows" not in sent.model_fields_set:
        task.use_windows = windows_by_default(task.execution_type, task.schedule_type)
    return task


def empty(column: str) -> Any:
    """Return what null in a request sets: the column's default where it has no NULL."""
    return NOT_NULL[column].get_default() if column in NOT_NULL else None


def windows_by_default(kind: object, schedule: object) -> bool:
    """Return whether a new task hands out data windows unless it says otherwise. Any values may be given."""
    return schedule == "interval" and any(kind == one.name and one.uses_windows for one in KINDS.values())


def _headers(task: ScheduledTask, sent: Mapping[str, str]) -> str:
    stored = task.headers
    kept = {
        name: unmasked("webhook_headers", value, stored.get(name, ""), mask_value)
        for name, value in sent.items()
    }
    return json.dumps(kept) if kept else ""
