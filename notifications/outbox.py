"""The outbox: a message to be sent is a row, written in the transaction of what caused it.

    pending ──claim──> sending ──> sent │ failed │ unknown
       ▲──────(rate, transient)──────┘         pending ──> canceled

A destination's messages are sent one at a time, in order: `busy_robot` is unique. It belongs to one tenant, so that
messages of different tenants never wait for each other. A worker that is killed while it sends leaves its row
`sending`: the sweep makes it `pending` again if sending it twice cannot deliver it twice, otherwise `unknown`.
`claimed_until` is the fence: a worker whose claim has ended writes nothing to the row any more.
The messages that the digest of a delivery carries (see digest.py) wait as `pending` and end together with it.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction

from common.redact import Masker
from notifications import digest, metrics
from notifications.channel_types import CHANNEL_TYPES
from notifications.destination_keys import webhook_key
from notifications.models import Delivery, DeliveryKind, DeliveryStatus, Destination, NotifyChannel, WeComApp

logger = logging.getLogger(__name__)
ATTEMPTS_WITHOUT_DESTINATION = 4
CLAIM = timedelta(minutes=3)  # longer than a message's parts take at their time limits
DESTINATIONS_AT_ONCE = 100  # how many of one tenant a sweep returns
# What a delivery says of its tries before the first one; `sent_at` stays with it, as the time of the last success.
UNTRIED: Mapping[str, Any] = {
    "attempts": 0,
    "parts_sent": 0,
    "smaller": False,
    "msg_type": "",
    "request": None,
    "response": "",
    "errcode": "",
    "errmsg": "",
    "notes": [],
    "error": "",
}
TenantByDestination = Mapping[str, str | None]  # tenant by destination key


@dataclass(frozen=True)
class OutgoingMessage:
    """A message and the run it belongs to; `result` is as the script gave it, with secrets masked."""

    result: Any
    kind: DeliveryKind
    title: str = ""
    log_id: int | None = None
    task_id: int | None = None
    tenant_id: str | None = None
    trace_id: str = ""


def enqueue(destinations: Iterable[Destination], message: OutgoingMessage, now: datetime) -> list[Delivery]:
    """Write a delivery for each destination in the caller's transaction; sending begins after its commit."""
    return _save_all([_row_to(destination, message, now) for destination in destinations])


def enqueue_unsent(
    destinations: Iterable[Destination], message: OutgoingMessage, why: str, now: datetime
) -> None:
    """Write deliveries that have failed from the start, for a result that could not be sent; `why` is their error.

    `message` is what a resend sends.
    """
    for row in [_row_to(destination, message, now) for destination in destinations]:
        row.status, row.error = DeliveryStatus.FAILED, why
        row.save()
        _count(row, row.status)


def enqueue_to_address(
    channel_type: str, url: str, message: OutgoingMessage, now: datetime
) -> list[Delivery]:
    """Write a delivery to an address for which there is no channel, as of an alert; see `enqueue`."""
    row = _new_row(
        message, now, channel_type=channel_type, robot=webhook_key(message.tenant_id, url), address=url
    )
    return _save_all([row])


def _row_to(destination: Destination, message: OutgoingMessage, now: datetime) -> Delivery:
    row = _new_row(message, now, channel_type=destination.kind, robot=destination.destination_key)
    row.tenant_id = destination.tenant_id
    set_destination(row, destination)
    return row


def set_destination(row: Delivery, destination: Destination) -> None:
    row.channel = destination if isinstance(destination, NotifyChannel) else None
    row.wecom_app = destination if isinstance(destination, WeComApp) else None


def _new_row(message: OutgoingMessage, now: datetime, **columns: Any) -> Delivery:
    return Delivery(
        log_id=message.log_id,
        task_id=message.task_id,
        tenant_id=message.tenant_id,
        trace_id=message.trace_id,
        kind=message.kind,
        title=message.title[:128],
        **_message_columns(message.result),
        msg_uuid=uuid.uuid4().hex,
        next_attempt_at=now,
        created_at=now,
        **columns,
    )


def _message_columns(result: Any) -> dict[str, Any]:
    """Return the columns of a message: links that Dify has signed are sealed, and shown without their signatures."""
    text = json.dumps(result)
    if "sign=" not in text:
        return {"message": result}
    masked = Masker(()).mask_tree(result)
    return {"message": masked, "sealed": text if masked != result else ""}


def _save_all(rows: list[Delivery]) -> list[Delivery]:
    for row in rows:
        row.save()
    tenant_by_destination = {row.robot: row.tenant_id for row in rows}
    transaction.on_commit(lambda: _send_drains(tenant_by_destination), robust=True)
    return rows


def _send_drains(tenant_by_destination: TenantByDestination) -> None:
    """Send the destinations' drains to the workers, which is only for speed: the sweep finds those that get lost here.

    The Celery task is sent by name because its module imports this one.
    """
    for destination_key, tenant_id in tenant_by_destination.items():
        current_app.send_task(
            "notifications.drain", (destination_key, tenant_id or ""), queue="notify", retry=False
        )


def claim(destination_key: str, now: datetime) -> Delivery | None:
    """Claim the destination's oldest waiting message and return it.

    None where nothing waits, its time has not come, or another message of the destination is being sent.
    """
    first = (
        Delivery.objects.filter(robot=destination_key, status=DeliveryStatus.PENDING).order_by("id").first()
    )
    if first is None or first.next_attempt_at > now:
        return None
    until = now + CLAIM
    try:
        with transaction.atomic():
            changed = Delivery.objects.filter(pk=first.pk, status=DeliveryStatus.PENDING).update(
                status=DeliveryStatus.SENDING, busy_robot=destination_key, claimed_until=until
            )
            if changed:  # within the transaction: a row that cannot be read is not claimed either
                first.refresh_from_db()
    except IntegrityError:  # another worker is sending to this destination
        return None
    if not changed:
        return None
    first.claimed_until = until
    return first


def close(delivery: Delivery, status: DeliveryStatus, **changes: Any) -> bool:
    """Move a claimed delivery from `sending` to `status`, and with it what its digest carries.

    Return False where the claim is over and the sweep has taken the delivery back: then nothing is written.
    """
    if status != DeliveryStatus.PENDING:
        changes["sealed"] = ""
    with transaction.atomic():
        changed = delivery.claimed().update(status=status, busy_robot=None, claimed_until=None, **changes)
        if changed:
            digest.end(delivery, status, changes)
            if status != DeliveryStatus.PENDING:
                _count(delivery, status)
    return bool(changed)


def _count(delivery: Delivery, status: str) -> None:
    transaction.on_commit(partial(metrics.DELIVERIES.add, status, delivery.channel_type))


def cancel(delivery: Delivery) -> bool:
    """Move a delivery from `pending` to `canceled`. Return False where it does not wait any more."""
    rows = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING)
    with transaction.atomic():
        changed = rows.update(status=DeliveryStatus.CANCELED, sealed="")
        if changed:
            digest.end(delivery, DeliveryStatus.CANCELED, {})
            _count(delivery, DeliveryStatus.CANCELED)
    return bool(changed)


def resend(delivery: Delivery, now: datetime) -> bool:
    """Make an ended delivery wait again, as if it were a new message. Return False while it is still on its way."""
    ended = (DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN, DeliveryStatus.CANCELED, DeliveryStatus.SENT)
    destination_key = delivery.destination.destination_key if delivery.destination else delivery.robot
    changed = Delivery.objects.filter(pk=delivery.pk, status__in=ended).update(
        status=DeliveryStatus.PENDING,
        robot=destination_key,
        next_attempt_at=now,
        msg_uuid=uuid.uuid4().hex,
        digest_id=None,
        **UNTRIED,
    )
    if changed:
        transaction.on_commit(lambda: _send_drains({destination_key: delivery.tenant_id}))
    return bool(changed)


def sweep(now: datetime, limit: int = 500) -> TenantByDestination:
    """Take back what dead workers have left, and return the destinations with due messages.

    Of one tenant they are DESTINATIONS_AT_ONCE at most.
    """
    for row in Delivery.objects.filter(status=DeliveryStatus.SENDING, claimed_until__lt=now)[:limit]:
        _take_back(row)
    due = Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
    found: dict[str, str | None] = {}
    named: Counter[str | None] = Counter()
    for destination_key, tenant in due.order_by().values_list("robot", "tenant__code").distinct():
        if named[tenant] < DESTINATIONS_AT_ONCE:
            named[tenant] += 1
            found[destination_key] = tenant
    return found


def _take_back(row: Delivery) -> None:
    """End the claim of a dead worker, which may have sent the message: let it wait again, or call it unknown.

    The attempt counts, because a message that kills its worker must not do so for ever.
    """
    attempts = row.attempts + 1
    again = CHANNEL_TYPES[row.channel_type].sender.may_repeat and attempts < max_attempts(row)
    status = DeliveryStatus.PENDING if again else DeliveryStatus.UNKNOWN
    close(row, status, attempts=attempts, error="The worker was lost while it was sending.")


def max_attempts(row: Delivery) -> int:
    return row.destination.max_attempts if row.destination else ATTEMPTS_WITHOUT_DESTINATION


def run_url(log_id: int | None) -> str:
    return f"{settings.PUBLIC_BASE_URL}/admin/scheduling/run/{log_id}/change/" if log_id else ""
