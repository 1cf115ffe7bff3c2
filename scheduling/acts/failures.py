"""What people do with a failure: resolve it, mute it, open it again, run all its runs again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.row_locks import locked
from common.ruled import check_columns
from scheduling.acts import runs
from scheduling.acts.runs import TaskDeletedError
from scheduling.lifecycle.failures import fingerprint_of
from scheduling.models import FailureGroup, FailureState, Run, RunStatus, ScheduledTask, runs_of
from tenants import audit
from tenants.access import Actor

MAX_RERUNS = 100  # at once: they would hold up the tenant's other runs
LOOKED_THROUGH = 2000  # of the task's failed runs, the latest


def resolve(group: FailureGroup, actor: Actor, now: datetime) -> None:
    """Put the failure away until it happens again."""
    _decide(group, FailureState.RESOLVED, actor, now)


def mute(group: FailureGroup, until: datetime | None, reason: str, actor: Actor, now: datetime) -> None:
    """Let the failure alert nobody until a time, or until somebody opens it again. Raises ValidationError."""
    if until is not None and until <= now:
        raise ValidationError({"muted_until": _("This must be in the future.")})
    _decide(group, FailureState.MUTED, actor, now, muted_until=until, reason=reason.strip())


def reopen(group: FailureGroup, actor: Actor, now: datetime) -> None:
    _decide(group, FailureState.OPEN, actor, now, opened_at=now)


def _decide(group: FailureGroup, state: FailureState, actor: Actor, now: datetime, **columns: Any) -> None:
    columns = {"muted_until": None, "reason": ""} | columns
    columns |= {"state": state, "decided_by": actor.username, "decided_at": now}
    for name, value in columns.items():
        setattr(group, name, value)
    check_columns(group, columns)
    with transaction.atomic():
        group.save(update_fields=list(columns))
        named = {name: str(columns[name]) for name in ("muted_until", "reason") if columns[name]}
        audit.record(actor, ACTIONS[state], group, named)


ACTIONS = {FailureState.RESOLVED: "resolve", FailureState.MUTED: "mute", FailureState.OPEN: "reopen"}


def rerun_all(group: FailureGroup, actor: Actor, now: datetime) -> list[Run]:
    """Run the group's runs again that have not been, the oldest first and at most MAX_RERUNS. Return the new runs.

    Raises TaskDeletedError, IncompleteTaskError.
    """
    if not ScheduledTask.objects.filter(pk=group.task_id).exists():
        raise TaskDeletedError
    with transaction.atomic():
        # The group is locked: whoever asks at the same time goes on behind the runs that are run again here.
        current = locked(FailureGroup.objects.filter(pk=group.pk), skip=False).get()
        waiting = [run for run in runs_of_group(current) if run.pk > current.rerun_to]
        failed = waiting[::-1][:MAX_RERUNS]
        if failed:
            current.rerun_to = failed[-1].pk
            current.save(update_fields=["rerun_to"])
        started = [runs.rerun(run, actor, now) for run in failed]
        audit.record(actor, "rerun", current, {"log_ids": [run.pk for run in started]})
    return started


def runs_of_group(group: FailureGroup) -> Iterator[Run]:
    """Yield the group's runs among the latest failed runs of its task, the newest first.

    A run does not name its group: what its error says decides.
    """
    failed = Run.objects.filter(status=RunStatus.FAILED, error_code=group.error_code)
    rows = runs_of(group.task_id, failed).defer("output", "result", "timeline")
    return (run for run in rows[:LOOKED_THROUGH] if fingerprint_of(run) == group.pk)
