"""A task's dependencies, locked once for what its script needs: the lock is kept on the task's version.

A save that leaves the requirements as they are, or goes back to earlier ones, takes the lock that an earlier version
has. The locking itself is a script worker's work: it is asked for after the save, and done by a run that finds no lock.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence

from celery import current_app
from django.db import transaction

from sandbox.host.errors import SandboxError
from scheduling.kinds.script.columns import DepsStatus
from scheduling.kinds.script.kind import SCRIPT
from scheduling.kinds.script.requirements import InvalidRequirementError, requirements_of
from scheduling.models import ScheduledTask, TaskVersion

TASK = "scheduling.lock_deps"
MAX_ERROR = 4000


def key_of(requirements: Sequence[str]) -> str:
    """Return the key of the lock for these requirements. A lock is good for one Python only: wheels differ."""
    return hashlib.sha256("\n".join([sys.implementation.cache_tag or "", *requirements]).encode()).hexdigest()


def settle(task: ScheduledTask, version: TaskVersion) -> None:
    """Set the version's lock and the task's `deps_status`, in the transaction that saves them both.

    A lock that is missing is asked for after the commit.
    """
    before, task.deps_status = task.deps_status, _settled(task, version)
    if task.deps_status != before:
        task.save(update_fields=["deps_status"])
    if task.deps_status == DepsStatus.LOCKING:
        transaction.on_commit(lambda: _ask(task.pk), robust=True)


def _settled(task: ScheduledTask, version: TaskVersion) -> DepsStatus:
    requirements = _requirements(task)
    if not requirements:
        return DepsStatus.FAILED if requirements is None else DepsStatus.NONE
    version.deps_key = key_of(requirements)
    version.deps_lock = lock_of(task.pk, version.deps_key)
    version.save(update_fields=["deps_key", "deps_lock"])
    return DepsStatus.READY if version.deps_lock else DepsStatus.LOCKING


def _requirements(task: ScheduledTask) -> tuple[str, ...] | None:
    """Return the task's requirements, None where they can't be read; a run reports why."""
    if task.execution_type != SCRIPT.name:
        return ()
    try:
        return requirements_of(task.script_deps, task.script_content, task.tenant_id)
    except (InvalidRequirementError, SandboxError):
        return None


def _ask(task_id: int) -> None:
    """Ask a script worker for the lock. This is only for speed: where it fails, a run makes the lock."""
    current_app.send_task(TASK, (task_id,), queue=SCRIPT.queue, retry=False)


def lock_of(task_id: int, key: str) -> str:
    """Return the newest lock with this key, "" where there is none yet."""
    rows = TaskVersion.objects.filter(task_id=task_id, deps_key=key).exclude(deps_lock="")
    return rows.order_by("-version").values_list("deps_lock", flat=True).first() or ""


def store(task_id: int, key: str, lock: str) -> str:
    """Store the lock, and return the one that counts from now on: the first one, where two workers made one."""
    rows = TaskVersion.objects.filter(task_id=task_id, deps_key=key)
    with transaction.atomic():
        rows.filter(deps_lock="").update(deps_lock=lock_of(task_id, key) or lock, deps_error="")
        _show(task_id, key, DepsStatus.READY)
    return lock_of(task_id, key) or lock


def fail(task_id: int, key: str, error: str) -> None:
    with transaction.atomic():
        rows = TaskVersion.objects.filter(task_id=task_id, deps_key=key, deps_lock="")
        rows.update(deps_error=error[:MAX_ERROR])
        _show(task_id, key, DepsStatus.FAILED)


def _show(task_id: int, key: str, status: DepsStatus) -> None:
    """Set the task's `deps_status`, unless the task has been changed meanwhile and needs something else."""
    current = TaskVersion.objects.filter(task_id=task_id).order_by("-version").first()
    if current is not None and current.deps_key == key:
        rows = ScheduledTask.objects.filter(pk=task_id, version=current.version)
        rows.update(deps_status=status)
