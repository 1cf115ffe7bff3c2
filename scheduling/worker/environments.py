"""The environment of a script's dependencies, on the worker that runs it. They are locked if they are not yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.db import connection
from uv import find_uv_bin

from sandbox.host.envs import Envs
from sandbox.host.errors import SandboxError
from sandbox.host.uv import DepsCanceledError, DepsError, IsCanceled, Report, Uv
from scheduling.kinds.script.requirements import InvalidRequirementError, denied_in, refused, requirements_of
from scheduling.lifecycle import dependency_locks
from scheduling.models import ScheduledTask


@cache
def envs() -> Envs:
    uv = Uv(find_uv_bin(), index_url=settings.SCRIPT_INDEX_URL, proxy_url=settings.OUTBOUND_PROXY_URL)
    return Envs(settings.SCRIPT_ENVS_DIR, uv, max_bytes=settings.SCRIPT_ENVS_MAX_MB << 20)


@contextmanager
def import_paths(task: ScheduledTask, say: Report, canceled: IsCanceled) -> Iterator[tuple[str, ...]]:
    """Install the dependencies, and yield the directories to import from while the block runs. Raises DepsError."""
    lock = _lock(task, say, canceled)
    if not lock:
        yield ()
        return
    connection.close()  # an installation may take minutes
    with envs().opened(lock, say, canceled) as path:
        yield (str(path),)


def lock(task_id: int) -> None:
    """Lock the dependencies after a save. The task's `deps_status` then holds how it ended."""
    task = ScheduledTask.objects.filter(pk=task_id).first()
    if task is None:
        return
    try:
        _lock(task, lambda line: None, lambda: False)
    except (DepsError, SandboxError):
        return  # the error is stored, or the next run ends with it


def _lock(task: ScheduledTask, say: Report, canceled: IsCanceled) -> str:
    try:
        requirements = requirements_of(task.script_deps, task.script_content, task.tenant_id)
    except InvalidRequirementError as error:
        raise DepsError(str(error)) from error
    if not requirements:
        return ""
    key = dependency_locks.key_of(requirements)
    stored = dependency_locks.lock_of(task.pk, key) if task.pk else ""
    if stored:
        return stored
    connection.close()
    say("Locking the dependencies")
    try:
        found = _resolved(requirements, say, canceled)
    except DepsCanceledError:
        raise
    except DepsError as error:
        if task.pk:
            dependency_locks.fail(task.pk, key, str(error))
        raise
    return dependency_locks.store(task.pk, key, found) if task.pk else found


def _resolved(requirements: tuple[str, ...], say: Report, canceled: IsCanceled) -> str:
    for name in refused(requirements, settings.SCRIPT_DEPS_ALLOW, settings.SCRIPT_DEPS_DENY):
        raise DepsError(f"The operator does not allow {name}.")
    found = envs().uv.lock(requirements, say, canceled)
    if denied := denied_in(found, settings.SCRIPT_DEPS_DENY):
        raise DepsError(f"They need {', '.join(denied)}, which the operator does not allow.")
    return found
