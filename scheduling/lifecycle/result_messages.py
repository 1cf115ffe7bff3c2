"""Messages at a run's end, written in the transaction that ends it: the result for the task's channels, and alerts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from notifications import outbox
from notifications.models import DeliveryKind, Destination, NotifyChannel
from notifications.outbox import OutgoingMessage
from scheduling.execution import Outcome
from scheduling.lifecycle import run_alerts
from scheduling.models import Backfill, Run, RunStatus, ScheduledTask


def enqueue(run: Run, task: ScheduledTask, outcome: Outcome, now: datetime) -> None:
    """Write the messages that follow a run's last attempt. A result that is None, "", {} or [] sends none.

    Nor does that of a backfill which sends a summary instead.
    """
    if run.status == RunStatus.SUCCESS and (run.backfill is None or run.backfill.sends_messages):
        _result(run, task, outcome, now)
    run_alerts.alert_at_end(run, task, now)


def _result(run: Run, task: ScheduledTask, outcome: Outcome, now: datetime) -> None:
    if outcome.unsaid:
        instead = {"title": run.task_name, "content": outcome.unsaid}
        unsent = outgoing_message(run, instead, DeliveryKind.RESULT)
        outbox.enqueue_unsent(channels_of(task), unsent, outcome.unsaid, now)
    elif outcome.message not in (None, "", {}, []):
        outbox.enqueue(channels_of(task), outgoing_message(run, outcome.message, DeliveryKind.RESULT), now)


def summarize_backfill(run: Run, task: ScheduledTask, now: datetime) -> None:
    """Write the one message of a backfill whose runs send none, if this was the last of its runs to end."""
    if run.backfill_id is None:
        return
    backfill = Backfill.objects.get(pk=run.backfill_id)
    if backfill.status != "done" or backfill.sends_messages:
        return
    zone = ZoneInfo(task.timezone)
    start, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (backfill.from_at, backfill.to_at))
    numbers = {"total": backfill.total, "failed": backfill.failed}
    content = f"{start} – {end}\n\n" + _("%(total)d runs have ended, %(failed)d of them failed.") % numbers
    title = _("Backfill of %(task)s") % {"task": run.task_name}
    message = {"msg_type": "markdown", "title": title, "content": content}
    outbox.enqueue(channels_of(task), outgoing_message(run, message, DeliveryKind.RESULT), now)


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
