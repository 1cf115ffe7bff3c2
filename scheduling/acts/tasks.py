"""What people do to a task: create, change, switch on and off, delete. Each act owns its transaction.

A change first settles what the task owes under its old schedule, so that no due time is lost between beat's
last look and the edit; it ends with a version, an audit row and the new due time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from common.json_values import is_same
from common.row_locks import locked
from scheduling.acts import backfills, replanning
from scheduling.acts.task_rules import TaskProblem, judged_texts, require_valid, text_problems
from scheduling.lifecycle import dependency_locks, transitions
from scheduling.models import SECRET_COLUMNS, UNFINISHED, FailureGroup, Run, ScheduledTask, TaskVersion
from scheduling.planning import calendars
from scheduling.planning.schedules import next_run
from scheduling.schedule.rule import grid_anchor
from tenants import audit
from tenants.access import Actor
from tenants.models import Tenant

NOT_VERSIONED = frozenset({"id", "is_default"})
# A change of these begins a new grid.
GRID_COLUMNS = frozenset({"start_at", "interval_minutes", "schedule_type"})
# What a copy of a task takes over: what a user sets.
COPIED = [field for field in ScheduledTask._meta.concrete_fields if field.editable and not field.primary_key]
WRITTEN_HERE = ("anchor_at", "next_run_at", "version", "updated_at")


class StaleVersionError(Exception):
    """The task has been changed since its editor read it."""

    def __init__(self, stored: int) -> None:
        super().__init__(f"The task is at version {stored} by now.")
        self.stored = stored


class TenantFullError(Exception):
    """The tenant has as many tasks as it may."""

    def __init__(self, max_tasks: int) -> None:
        text = _("The tenant has reached its limit of %(most)d tasks: delete one, or ask for a higher limit.")
        super().__init__(text % {"most": max_tasks})


def create(task: ScheduledTask, actor: Actor, now: datetime) -> ScheduledTask:
    """Save a new task, its first version and an audit row. Raises InvalidTaskError, TenantFullError."""
    known_text_problems = text_problems(task)
    with transaction.atomic():
        _require_room(task.tenant_id)
        task.anchor_at = grid_anchor(None, task.start_at, now)
        task.version = 1
        calendars.lock_days(task)
        require_valid(task, known_text_problems)
        task.save()
        task.next_run_at = next_run(task, now)
        task.save(update_fields=["next_run_at"])
        _keep_version(task, actor, "")
        audit.record(actor, "create", task, audit.difference({}, audit.loggable_values(task)))
    return task


def duplicate(task: ScheduledTask, actor: Actor, now: datetime) -> ScheduledTask:
    """Create a copy of the task with its settings and secrets, disabled, without its runs, versions and hook.

    Raises InvalidTaskError, TenantFullError.
    """
    columns = {field.attname: getattr(task, field.attname) for field in COPIED}
    suffix, room = _(" (copy)"), ScheduledTask._meta.get_field("task_name").max_length or 0
    columns["task_name"] = task.task_name[: room - len(suffix)] + suffix
    return create(ScheduledTask(**columns | {"is_enabled": False}), actor, now)


def _require_room(tenant_id: str | None) -> None:
    """Lock the tenant, and raise TenantFullError where it may have no more tasks.

    Where two are created at once, the second waits for the first, and counts its task.
    """
    rows = locked(Tenant.objects.filter(code=tenant_id), skip=False) if tenant_id is not None else ()
    for tenant in rows:
        require_room(tenant)


def require_room(tenant: Tenant) -> None:
    """Raise TenantFullError where the tenant has as many tasks as it may."""
    if ScheduledTask.objects.filter(tenant_id=tenant.code).count() >= tenant.task_limit:
        raise TenantFullError(tenant.task_limit)


def update(
    task_id: int,
    change: Callable[[ScheduledTask], None],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
    action: str = "update",
) -> ScheduledTask:
    """Apply `change` to the locked row, and write the columns that it changed, of those that a user sets.

    Before the row is locked `change` is applied to a copy, whose texts are checked. Raises StaleVersionError,
    InvalidTaskError, or what `change` raises; then nothing is saved.
    """
    looked_at = _check_texts_after(task_id, change)
    with transaction.atomic():
        task = locked(ScheduledTask.objects.filter(pk=task_id), skip=False).get()
        if expected_version is not None and expected_version != task.version:
            raise StaleVersionError(task.version)
        replanning.write_owed_runs([task], now)
        before = model_to_dict(task)
        change(task)
        after = model_to_dict(task)
        changed = {name for name in after if not is_same(after[name], before[name])}
        if changed:
            _store(task, before, changed, actor, now, action, looked_at.get(judged_texts(task)))
    return task


def _check_texts_after(
    task_id: int, change: Callable[[ScheduledTask], None]
) -> dict[tuple[object, ...], list[TaskProblem]]:
    """Return the problems of the task's texts, by the texts, as they are and as they will be after the change.

    Texts that stay as they are have none: they were checked before.
    """
    copy = ScheduledTask.objects.filter(pk=task_id).first()
    if copy is None:
        return {}
    before = judged_texts(copy)
    change(copy)
    return {before: [], judged_texts(copy): text_problems(copy) if judged_texts(copy) != before else []}


def _store(
    task: ScheduledTask,
    before: Mapping[str, Any],
    changed: set[str],
    actor: Actor,
    now: datetime,
    action: str,
    known_text_problems: list[TaskProblem] | None,
) -> None:
    if changed & GRID_COLUMNS:
        task.anchor_at = grid_anchor(None, task.start_at, now)
    if changed & {"calendar", "tenant"}:
        calendars.lock_days(task)
    if changed != {"is_enabled"} or task.is_enabled:  # a task that breaks a later rule can be switched off
        require_valid(task, known_text_problems, changed)
    replanning.drop_rows_ahead([task.pk], now)
    task.next_run_at = next_run(task, now)
    task.version += 1
    task.save(update_fields=[*changed, *WRITTEN_HERE])
    _keep_version(task, actor, ", ".join(sorted(changed)))
    audit.record(
        actor,
        action,
        task,
        audit.difference(audit.mask_columns(ScheduledTask, before), audit.loggable_values(task), changed),
    )


def delete(task_id: int, actor: Actor, now: datetime) -> None:
    """Delete the task; its runs stay, with its name.

    Waiting runs are canceled, running ones are asked to end.
    """
    with transaction.atomic():
        task = locked(ScheduledTask.objects.filter(pk=task_id), skip=False).get()
        replanning.write_owed_runs([task], now)
        replanning.drop_rows_ahead([task.pk], now)
        backfills.cancel_all_of(task, now, actor)
        for run in Run.objects.filter(task=task, status__in=UNFINISHED).order_by():
            transitions.cancel(run, now, "the task's deletion")
        FailureGroup.objects.filter(task=task).delete()
        audit.record(actor, "delete", task)
        task.delete()


def _keep_version(task: ScheduledTask, actor: Actor, summary: str) -> None:
    left_out = NOT_VERSIONED | SECRET_COLUMNS
    fields = {
        f.name: f.value_to_string(task)
        if f.get_internal_type() == "DateTimeField"
        else f.value_from_object(task)
        for f in ScheduledTask._meta.concrete_fields
        if f.editable and f.name not in left_out
    }
    version = TaskVersion.objects.create(
        task=task, version=task.version, by=actor.username, summary=summary[:500], fields=fields
    )
    dependency_locks.settle(task, version)
