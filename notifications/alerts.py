"""Alerts, which are sent through the outbox: to a robot in its service's format, to any other address as JSON."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from notifications import alert_marks, outbox
from notifications.alert_text import alert_json, alert_message
from notifications.channel_types import JSON
from notifications.destination_keys import channel_type_of, is_same_destination
from notifications.facts import RunFacts
from notifications.models import Delivery, DeliveryKind, Destination, NotifyChannel
from notifications.outbox import OutgoingMessage
from tenants.models import Tenant

KINDS = {"task_recovered": DeliveryKind.RECOVERY, "task_missed": DeliveryKind.MISSED}  # the others: ALERT


def enqueue(event: str, facts: RunFacts, address: str, now: datetime) -> list[Delivery]:
    """Write an alert to the outbox in the caller's transaction, like every delivery.

    It goes through the robot's channel where there is one, because a channel can sign.
    """
    kind = channel_type_of(address)
    message = _outgoing_message(event, facts, is_for_robot=kind is not None)
    if kind and (channel := _find_channel(address, facts.tenant_id)):
        return outbox.enqueue([channel], message, now)
    return outbox.enqueue_to_address(kind or JSON.name, address, message, now)


def _find_channel(address: str, tenant_id: str | None) -> NotifyChannel | None:
    """Find the tenant's enabled channel for this robot, for a global task that of any tenant.

    The rows are compared one by one because the addresses are encrypted.
    """
    rows = NotifyChannel.objects.filter(is_enabled=True).order_by("pk")
    if tenant_id is not None:
        rows = rows.filter(tenant_id=tenant_id)
    return next((row for row in rows.iterator() if is_same_destination(row.webhook_url, address)), None)


def _outgoing_message(event: str, facts: RunFacts, *, is_for_robot: bool) -> OutgoingMessage:
    content: dict[str, object] = alert_json(event, facts)
    if is_for_robot:
        message = alert_message(event, facts)
        content = {"title": message.title, "content": message.content}
    kind = KINDS.get(event, DeliveryKind.ALERT)
    about = (facts.log_id, facts.task_id, facts.tenant_id, facts.trace_id)
    return OutgoingMessage(content, kind, facts.task_name, *about)


def owner_address(tenant_id: str | None) -> str:
    """Return where alerts about a channel or the platform go; "" where only the dashboard shows them."""
    own = Tenant.objects.filter(code=tenant_id).first() if tenant_id is not None else None
    return (own.alert_webhook if own else "") or settings.PLATFORM_ALERT_WEBHOOK


def alert_owner(destination: Destination, error: str, error_code: str, now: datetime) -> None:
    """Send an alert that a destination refuses messages to its owner, once in a silence period."""
    address = owner_address(destination.tenant_id)
    with transaction.atomic():
        subject = f"{destination.kind}:{destination.pk}"
        if address and alert_marks.claim_alert(subject, "channel_broken", now):
            enqueue("channel_broken", _facts(destination, error, error_code), address, now)


def _facts(destination: Destination, error: str, error_code: str) -> RunFacts:
    name, tenant = str(destination), destination.tenant_id
    return RunFacts(task_name=name, tenant_id=tenant, error=error, error_code=error_code, status="failed")
