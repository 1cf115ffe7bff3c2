"""What a document of tasks would change: made first, shown, and then carried out whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from typing import Any, Literal

from django.db import transaction
from pydantic import ValidationError

from common.rest.problems import Problem
from platform_site.moving import document
from platform_site.moving.keys import free, keyed
from scheduling.api.task_schemas import TaskFields, TaskNew
from scheduling.api.task_writing import fill
from scheduling.engine import changes
from scheduling.engine.flaws import Flawed, require_sound
from scheduling.models import ScheduledTask
from tenants.access import SYSTEM

LONG = ("script_content", "webhook_body_template", "result_template", "dify_query")


class Refused(Exception):
    """`.reasons`: everything that is wrong, each with its task and column."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = list(reasons)


@dataclass(frozen=True)
class Step:
    """`fields`: {column: [old, new]}; of a secret column nothing but that it changes."""

    key: str
    act: Literal["create", "update", "keep"]
    fields: Mapping[str, list[Any]]
    stored: ScheduledTask | None
    sent: TaskFields


def plan(entries: Sequence[Mapping[str, Any]], secrets: Mapping[str, str]) -> list[Step]:
    """`secrets`: values by the names that the document refers to. Raises Refused."""
    reader = _Reader(secrets)
    steps, reasons = [], []
    for entry in entries:
        key = reader.key_of(entry)
        try:
            steps.append(reader.step(key, entry))
        except Refused as error:
            reasons += [f"{key}: {reason}" for reason in error.reasons]
    if reasons:
        raise Refused(reasons)
    return steps


class _Reader:
    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.secrets = secrets
        self.stored = keyed(ScheduledTask.objects.order_by("pk"))
        self.channels = {key: row.pk for key, row in document.channel_keys().items()}
        self.apps = {key: row.pk for key, row in document.app_keys().items()}
        self.seen: set[str] = set()

    def key_of(self, entry: Mapping[str, Any]) -> str:
        key = free(f"{entry.get('tenant_id') or ''}/{entry.get('task_name', '')}", self.seen)
        self.seen.add(key)
        return key

    def step(self, key: str, entry: Mapping[str, Any]) -> Step:
        stored = self.stored.get(key)
        sent = self._sent(entry, stored)
        task = copy(stored) if stored else ScheduledTask()
        try:
            fill(task, sent, SYSTEM)
            require_sound(task)
        except Flawed as error:
            raise Refused([f"{flaw.field}: {flaw.message}" for flaw in error.flaws]) from error
        except Problem as error:
            raise Refused(
                [f"{flaw.field}: {flaw.message}" for flaw in error.errors] or [str(error)]
            ) from error
        fields = dict(_differences(stored or ScheduledTask(), task))
        act: Literal["create", "update", "keep"] = (
            "create" if stored is None else "update" if fields else "keep"
        )
        return Step(key, act, fields, stored, sent)

    def _sent(self, entry: Mapping[str, Any], stored: ScheduledTask | None) -> TaskNew:
        """The whole task: a column that the document leaves out has its default."""
        kind, schedule = entry.get("execution_type", "script"), entry.get("schedule_type", "simple")
        columns = document.DEFAULTS | {"use_windows": document.windows_by_default(kind, schedule)}
        columns |= dict.fromkeys(document.SECRETS) | {"notify_channels": [], "notify_wecom_app_id": None}
        columns |= {name: value for name, value in entry.items() if name != "notify_wecom_app"}
        reasons: list[str] = []
        for column in document.SECRETS:
            columns[column] = self._secret(column, columns[column], stored, reasons)
        columns["notify_channels"] = [
            self._named("notify_channels", name, self.channels, reasons)
            for name in columns["notify_channels"] or []
        ]
        if name := entry.get("notify_wecom_app"):
            columns["notify_wecom_app_id"] = self._named("notify_wecom_app", name, self.apps, reasons)
        if reasons:
            raise Refused(reasons)
        try:
            return TaskNew.model_validate(columns)
        except ValidationError as error:
            raise Refused([f"{_place(one['loc'])}: {one['msg']}" for one in error.errors()]) from error

    def _secret(self, column: str, value: Any, stored: ScheduledTask | None, reasons: list[str]) -> Any:
        if not isinstance(value, dict) or set(value) != {"secret"}:
            return value
        found = self.secrets.get(value["secret"]) or (getattr(stored, column) if stored else "")
        if not found:
            reasons.append(
                f"{column}: the secret “{value['secret']}” is missing: name a file with it by --secrets."
            )
        return json.loads(found) if found and column == "webhook_headers" else found

    def _named(self, column: str, name: Any, known: Mapping[str, int], reasons: list[str]) -> int | None:
        found = known.get(name) if isinstance(name, str) else None
        if found is None:
            reasons.append(f"{column}: there is no “{name}” here: make it first, or take it out.")
        return found


def _place(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location)


def _differences(old: ScheduledTask, new: ScheduledTask) -> Iterator[tuple[str, list[Any]]]:
    for field in ScheduledTask._meta.concrete_fields:
        before, after = getattr(old, field.attname), getattr(new, field.attname)
        if before != after:
            hidden = field.name in document.SECRETS
            yield field.name, ["***", "***"] if hidden else [document.shown(before), document.shown(after)]


def carry_out(steps: Sequence[Step], now: datetime) -> None:
    """All or nothing. Raises Refused where a task has been changed since the plan was made."""
    try:
        with transaction.atomic():
            for step in steps:
                _carry_out(step, now)
    except (changes.Stale, ScheduledTask.DoesNotExist) as error:
        raise Refused(["a task has been changed meanwhile: begin again."]) from error


def _carry_out(step: Step, now: datetime) -> None:
    def change(task: ScheduledTask) -> None:
        fill(task, step.sent, SYSTEM)

    if step.stored is None:
        task = ScheduledTask()
        change(task)
        changes.create(task, SYSTEM, now)
    elif step.act == "update":
        changes.update(step.stored.pk, change, SYSTEM, now, expected_version=step.stored.version)


def in_words(steps: Sequence[Step]) -> Iterator[str]:
    """Lines as a diff's: + new, ~ changed."""
    marks = {"create": "+", "update": "~"}
    for step in steps:
        if step.act != "keep":
            yield f"{marks[step.act]} {step.key}"
            for column, (old, new) in step.fields.items():
                yield from _field(column, old, new)
    count = {act: sum(step.act == act for step in steps) for act in ("create", "update", "keep")}
    yield f"{count['create']} to create, {count['update']} to change, {count['keep']} as they are."


def _field(column: str, old: Any, new: Any) -> Iterator[str]:
    if column in LONG and old and new:
        yield f"    {column}:"
        for line in list(unified_diff(old.splitlines(), new.splitlines(), lineterm=""))[2:]:
            yield f"      {line}"
        return
    yield f"    {column}: {_short(old)} -> {_short(new)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:199]}…"
