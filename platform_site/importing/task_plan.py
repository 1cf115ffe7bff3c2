"""Plans a document's tasks, each as a whole: a column that it leaves out has its default."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import ValidationError

from common.rest.problems import ProblemError
from platform_site.importing import document
from platform_site.importing.keys import free_key, rows_by_key
from platform_site.importing.step import DocumentRefusedError, Step, act_of
from scheduling.acts import tasks
from scheduling.acts.task_rules import InvalidTaskError, require_valid
from scheduling.api.task_schemas import TaskFields, TaskNew
from scheduling.api.task_writing import fill, windows_by_default
from scheduling.models import SECRET_COLUMNS, ScheduledTask
from scheduling.planning import calendars
from tenants.access import SYSTEM


class TaskPlanner:
    """Plans tasks one by one. `secrets` are values by the names that the document refers to."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.secrets = secrets
        self.stored = rows_by_key(ScheduledTask.objects.order_by("pk"))
        self.channels = {key: row.pk for key, row in document.channel_keys().items()}
        self.apps = {key: row.pk for key, row in document.app_keys().items()}
        self.seen: set[str] = set()

    def step(self, entry: Mapping[str, Any]) -> Step:
        """Plan what the entry creates, changes or keeps. Raises DocumentRefusedError."""
        key = free_key(f"{entry.get('tenant_id') or ''}/{entry.get('task_name', '')}", self.seen)
        self.seen.add(key)
        try:
            return self._step(key, entry)
        except DocumentRefusedError as error:
            raise DocumentRefusedError([f"{key}: {reason}" for reason in error.reasons]) from error

    def _step(self, key: str, entry: Mapping[str, Any]) -> Step:
        stored = self.stored.get(key)
        sent = self._sent(entry, stored)
        task = copy(stored) if stored else ScheduledTask()
        try:
            fill(task, sent, SYSTEM)
            require_valid(task)
        except InvalidTaskError as error:
            raise DocumentRefusedError(
                [f"{problem.field}: {problem.message}" for problem in error.problems]
            ) from error
        except ProblemError as error:
            raise DocumentRefusedError(
                [f"{problem.field}: {problem.message}" for problem in error.errors] or [str(error)]
            ) from error
        fields = dict(_differences(stored or ScheduledTask(), task))
        carry_out = partial(_update, stored, sent) if stored else partial(_create, sent)
        return Step("task", key, act_of(stored is not None, fields), fields, carry_out)

    def _sent(self, entry: Mapping[str, Any], stored: ScheduledTask | None) -> TaskNew:
        """Return the whole task: a column that the document leaves out has its default.

        Raises DocumentRefusedError.
        """
        kind, schedule = entry.get("execution_type", "script"), entry.get("schedule_type", "simple")
        columns = document.DEFAULTS | {"use_windows": windows_by_default(kind, schedule)}
        columns |= dict.fromkeys(SECRET_COLUMNS) | {"notify_channels": [], "notify_wecom_app_id": None}
        columns |= {name: value for name, value in entry.items() if name != "notify_wecom_app"}
        reasons: list[str] = []
        for column in SECRET_COLUMNS:
            columns[column] = self._secret(column, columns[column], stored, reasons)
        if isinstance(
            names := columns["notify_channels"] or [], list
        ):  # else it is refused with the other columns
            columns["notify_channels"] = [
                self._named("notify_channels", name, self.channels, reasons) for name in names
            ]
        if name := entry.get("notify_wecom_app"):
            columns["notify_wecom_app_id"] = self._named("notify_wecom_app", name, self.apps, reasons)
        if not _has_calendar(entry):
            reasons.append(_missing("calendar", entry["calendar"]))
        if reasons:
            raise DocumentRefusedError(reasons)
        try:
            return TaskNew.model_validate(columns)
        except ValidationError as error:
            raise DocumentRefusedError(
                [f"{_place(one['loc'])}: {one['msg']}" for one in error.errors()]
            ) from error

    def _secret(self, column: str, value: Any, stored: ScheduledTask | None, reasons: list[str]) -> Any:
        if not isinstance(value, dict) or set(value) != {"secret"} or not isinstance(value["secret"], str):
            return value
        name = value["secret"]
        found = self.secrets.get(name) or (getattr(stored, column) if stored else "")
        if not found:
            reasons.append(
                f"{column}: the secret “{name}” is missing: pass a file that contains it with --secrets."
            )
        if not found or column != "webhook_headers":
            return found
        try:
            return json.loads(found)
        except ValueError:
            reasons.append(f"{column}: the secret “{name}” must be a JSON object.")
            return None

    def _named(self, column: str, name: Any, known: Mapping[str, int], reasons: list[str]) -> int | None:
        found = known.get(name) if isinstance(name, str) else None
        if found is None:
            reasons.append(_missing(column, name))
        return found


def _missing(column: str, name: Any) -> str:
    return f"{column}: “{name}” does not exist here: create it first, or remove it from the document."


def _has_calendar(entry: Mapping[str, Any]) -> bool:
    """Return whether the entry's calendar exists. A value that is no text is refused later, with the other columns."""
    tenant, code = entry.get("tenant_id"), entry.get("calendar")
    if not (code and isinstance(code, str) and isinstance(tenant, str | None)):
        return True
    return calendars.find(tenant, code) is not None


def _place(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location)


def _differences(old: ScheduledTask, new: ScheduledTask) -> Iterator[tuple[str, list[Any]]]:
    for field in ScheduledTask._meta.concrete_fields:
        before, after = getattr(old, field.attname), getattr(new, field.attname)
        if before != after:
            hidden = field.name in SECRET_COLUMNS
            yield (
                field.name,
                ["***", "***"] if hidden else [document.as_yaml_value(before), document.as_yaml_value(after)],
            )


def _create(sent: TaskFields, now: datetime) -> None:
    task = ScheduledTask()
    fill(task, sent, SYSTEM)
    try:
        tasks.create(task, SYSTEM, now)
    except tasks.TenantFullError as error:
        raise DocumentRefusedError([str(error)]) from error


def _update(stored: ScheduledTask, sent: TaskFields, now: datetime) -> None:
    try:
        tasks.update(
            stored.pk, lambda task: fill(task, sent, SYSTEM), SYSTEM, now, expected_version=stored.version
        )
    except (tasks.StaleVersionError, ScheduledTask.DoesNotExist) as error:
        raise DocumentRefusedError(
            ["a task has been changed in the meantime: run the import again."]
        ) from error
