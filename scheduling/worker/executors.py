"""Executors, and what their runs must never store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.module_loading import import_string

from common import json_values
from common.redact import secrets_in
from scheduling.execution import Executor
from scheduling.kinds import KINDS
from scheduling.models import SECRET_COLUMNS, Run, ScheduledTask
from scheduling.worker.run_context import LiveContext
from tenants.secrets import known_values


def executor_of(run: Run, task: ScheduledTask, context: LiveContext) -> Executor:
    """Build the executor of the run's kind. Raises ConfigError and IncompleteTaskError."""
    task.require_complete()
    build: Any = import_string(KINDS[task.execution_type].builder)
    executor: Executor = build(run, task, context)
    return executor


def secrets_of(task: ScheduledTask) -> list[str]:
    """List the values that must be masked in everything that a run of the task stores."""
    own = [piece for column in SECRET_COLUMNS for piece in _pieces(getattr(task, column))]
    return [value for value in [*own, *known_values(task.tenant_id)] if value]


def _pieces(secret: str) -> Iterator[str]:
    """Yield the text, what it hides where it is a URL, and its values where it is a JSON object."""
    yield secret
    yield from secrets_in(secret)
    try:
        value = json_values.parse(secret)
    except ValueError:
        return
    if isinstance(value, dict):
        yield from map(str, value.values())
