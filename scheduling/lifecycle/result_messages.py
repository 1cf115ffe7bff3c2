"""Messages at a run's end, written in the transaction that ends it: the result for the task's channels, and alerts."""

from __future__ import annotations

from datetime import datetime

from notifications import outbox
from notifications.models import DeliveryKind, Destination, NotifyChannel
from notifications.outbox import OutgoingMessage
from scheduling.execution import Outcome
from scheduling.lifecycle import run_alerts
from scheduling.models import Run, RunStatus, ScheduledTask


def enqueue(run: Run, task: ScheduledTask, outcome: Outcome, now: datetime) -> None:
    """Write the messages that follow a run's last attempt. A result that is None, "", {} or [] sends none."""
    if run.status == RunStatus.SUCCESS:
        _result(run, task, outcome, now)
    run_alerts.alert_at_end(run, task, now)


def _result(run: Run, task: ScheduledTask, outcome: Outcome, now: datetime) -> None:
    if outcome.unsaid:
        instead = {"title": run.task_name, "content": outcome.unsaid}
        unsent = outgoing_message(run, instead, DeliveryKind.RESULT)
        outbox.enqueue_unsent(channels_of(task), unsent, outcome.unsaid, now)
    elif outcome.message not in (None, "", {}, []):
        outbox.enqueue(channels_of(task), outgoing_message(run, outcome.message, DeliveryKind.RESULT), now)


def channels_of(task: ScheduledTask) -> list[Destination]:
    """Return where the task's messages go: its enabled channels and its WeCom app."""
    return [destination for destination in destinations_of(task) if destination.is_enabled]


def destinations_of(task: ScheduledTask) -> list[Destination]:
    """Return the task's channels and its WeCom app, none of another tenant's, even if an old row names one."""
    return [*_channels_of(task), *_app_of(task)]


def _channels_of(task: ScheduledTask) -> list[NotifyChannel]:
    if not task.notify_channels:
        return []
    rows = NotifyChannel.objects.filter(pk__in=task.notify_channels)
    return list(rows if task.tenant_id is None else rows.filter(tenant_id=task.tenant_id))


def _app_of(task: ScheduledTask) -> list[Destination]:
    app = task.notify_wecom_app
    if app is None or task.tenant_id not in (None, app.tenant_id):
        return []
    return [app]


def outgoing_message(run: Run, result: object, kind: DeliveryKind) -> OutgoingMessage:
    return OutgoingMessage(result, kind, run.task_name, run.pk, run.task_id, run.tenant_id, run.trace_id)
