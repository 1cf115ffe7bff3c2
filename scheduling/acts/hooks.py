"""A task's hook: an address at which something outside runs it. Each act owns its transaction."""

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

MARK = "hook_"


def make(task: ScheduledTask, actor: Actor) -> str:
    """The only copy of the token; an earlier one is worth nothing from then on."""
    plain = MARK + secrets.token_urlsafe(32)
    columns = {
        "prefix": plain[: len(MARK) + 4],
        "token_hash": hash_token(plain),
        "made_by": actor.username,
    }
    with transaction.atomic():
        hook, is_new = TaskHook.objects.update_or_create(task=task, defaults=columns)
        audit.record(actor, "create" if is_new else "rotate", hook)
    return plain


def address(plain: str) -> str:
    return f"{settings.PUBLIC_BASE_URL}/api/hooks/{plain}"


def revoke(task: ScheduledTask, actor: Actor) -> bool:
    """False where there was none."""
    with transaction.atomic():
        hook = TaskHook.objects.select_related("task").filter(task=task).first()
        if hook is None:
            return False
        audit.record(actor, "delete", hook)
        hook.delete()
    return True


def find(plain: str) -> TaskHook | None:
    """None also where the task's tenant is switched off."""
    hooks = TaskHook.objects.select_related("task", "task__tenant")
    hook = hooks.filter(token_hash=hash_token(plain)).first()
    tenant = hook.task.tenant if hook else None
    return None if tenant and not tenant.is_enabled else hook


def call(hook: TaskHook, params: Mapping[str, Any], key: str, address: str, now: datetime) -> Run:
    """A queued run. The same `key` again gives the run that it gave before; "" is none."""
    actor = Actor("hook", 0, False, {}, token_prefix=hook.prefix, remote_addr=address)
    trace_id = _trace_id(hook.task, key) if key else ""
    try:
        return runs.run_now(hook.task, actor, now, trigger=Trigger.HOOK, params=params, trace_id=trace_id)
    except IntegrityError:
        if earlier := Run.objects.filter(trace_id=trace_id).first():
            return earlier
        raise


def _trace_id(task: ScheduledTask, key: str) -> str:
    """Unique in the table of runs, which makes the key so."""
    return hashlib.sha256(f"{task.pk} {key}".encode()).hexdigest()[:32]
