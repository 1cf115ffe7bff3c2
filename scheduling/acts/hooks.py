"""A task's hook: an address that something outside calls to run the task. Each act owns its transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from common.crypto import hash_token
from scheduling.acts import runs
from scheduling.models import Run, ScheduledTask, TaskHook, Trigger
from tenants import audit
from tenants.access import Actor

PREFIX = "hook_"


def issue(task: ScheduledTask, actor: Actor) -> str:
    """Make the task's token and return the only copy of it; an earlier token is not valid any more."""
    plain = PREFIX + secrets.token_urlsafe(32)
    columns = {
        "prefix": plain[: len(PREFIX) + 4],
        "token_hash": hash_token(plain),
        "made_by": actor.username,
    }
    with transaction.atomic():
        hook, is_new = TaskHook.objects.update_or_create(task=task, defaults=columns)
        audit.record(actor, "create" if is_new else "rotate", hook)
    return plain


def hook_url(plain: str) -> str:
    return f"{settings.PUBLIC_BASE_URL}/api/hooks/{plain}"


def revoke(task: ScheduledTask, actor: Actor) -> bool:
    """Delete the task's hook. Return False where there was none."""
    with transaction.atomic():
        hook = TaskHook.objects.select_related("task").filter(task=task).first()
        if hook is None:
            return False
        audit.record(actor, "delete", hook)
        hook.delete()
    return True


def find(plain: str) -> TaskHook | None:
    """Return the hook of the token, None where there is none or the task's tenant is switched off."""
    hooks = TaskHook.objects.select_related("task", "task__tenant")
    hook = hooks.filter(token_hash=hash_token(plain)).first()
    tenant = hook.task.tenant if hook else None
    return None if tenant and not tenant.is_enabled else hook


def call(hook: TaskHook, params: Mapping[str, Any], key: str, address: str, now: datetime) -> Run:
    """Queue a run, and return it. The same `key` again returns the run that it made before; "" means no key."""
    actor = Actor("hook", 0, False, {}, token_prefix=hook.prefix, remote_addr=address)
    trace_id = _trace_id(hook.task, key) if key else ""
    try:
        return runs.run_now(hook.task, actor, now, trigger=Trigger.HOOK, params=params, trace_id=trace_id)
    except IntegrityError:
        if earlier := Run.objects.filter(trace_id=trace_id).first():
            return earlier
        raise


def _trace_id(task: ScheduledTask, key: str) -> str:
    """Return the trace id for a caller's key. It is unique in the table of runs, which makes the key so."""
    return hashlib.sha256(f"{task.pk} {key}".encode()).hexdigest()[:32]
