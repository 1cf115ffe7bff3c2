"""The outbox: a message to be sent is a row, written in the transaction of what caused it.

    pending ──claim──> sending ──> sent │ failed │ unknown
       ▲──────(rate, transient)──────┘         pending ──> canceled

A robot's messages are sent one at a time, in order: `busy_robot` is unique. A robot belongs to one tenant, so that
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
from notifications.models import Delivery, DeliveryKind, DeliveryStatus, Destination, NotifyChannel, WeComApp
from notifications.robots import robot_id
from notifications.senders import SENDERS

logger = logging.getLogger(__name__)
ATTEMPTS_WITHOUT_DESTINATION = 4
CLAIM = timedelta(minutes=3)  # longer than a message's parts take at their time limits
ROBOTS_AT_ONCE = 100  # how many of one tenant a sweep returns
Robots = Mapping[str, str | None]  # robot -> its tenant


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
    return _written([_to(destination, message, now) for destination in destinations])


def enqueue_unsent(
    destinations: Iterable[Destination], message: OutgoingMessage, why: str, now: datetime
) -> None:
    """Write deliveries that have failed from the start, for a result that could not be sent; `why` is their error.

    `message` is what a resend sends.
    """
    for row in [_to(destination, message, now) for destination in destinations]:
        row.status, row.error = DeliveryStatus.FAILED, why
        row.save()
        _count(row, row.status)


def enqueue_to_address(
    channel_type: str, url: str, message: OutgoingMessage, now: datetime
) -> list[Delivery]:
    """Write a delivery to an address for which there is no channel, as of an alert; see `enqueue`."""
    row = _row(message, now, channel_type=channel_type, robot=robot_id(message.tenant_id, url), address=url)
    return _written([row])


def _to(destination: Destination, message: OutgoingMessage, now: datetime) -> Delivery:
    row = _row(message, now, channel_type=destination.kind, robot=destination.robot)
    row.tenant_id = destination.tenant_id
    aim(row, destination)
    return row


def aim(row: Delivery, destination: Destination) -> None:
    row.channel = destination if isinstance(destination, NotifyChannel) else None
    row.wecom_app = destination if isinstance(destination, WeComApp) else None


def _row(message: OutgoingMessage, now: datetime, **columns: Any) -> Delivery:
    return Delivery(
        log_id=message.log_id,
        task_id=message.task_id,
        tenant_id=message.tenant_id,
        trace_id=message.trace_id,
        kind=message.kind,
        title=message.title[:128],
        **_message(message.result),
        msg_uuid=uuid.uuid4().hex,
        next_attempt_at=now,
        created_at=now,
        **columns,
    )


def _message(result: Any) -> dict[str, Any]:
    """Return the columns of a message: links that Dify has signed are sealed, and shown without their signatures."""
    text = json.dumps(result)
    if "sign=" not in text:
        return {"message": result}
    shown = Masker(()).mask_tree(result)
    return {"message": shown, "sealed": text if shown != result else ""}


def _written(rows: list[Delivery]) -> list[Delivery]:
    for row in rows:
        row.save()
    robots = {row.robot: row.tenant_id for row in rows}
    transaction.on_commit(lambda: _nudge(robots), robust=True)
    return rows


def _nudge(robots: Robots) -> None:
    """Send the robots' drains to the workers, which is only for speed: the sweep finds those that get lost here.

    The Celery task is sent by name because its module imports this one.
    """
    for robot, tenant_id in robots.items():
        current_app.send_task("notifications.drain", (robot, tenant_id or ""), queue="notify", retry=False)


def claim(robot: str, now: datetime) -> Delivery | None:
    """Claim the robot's oldest waiting message and return it.

    None where nothing waits, its time has not come, or another message of the robot is being sent.
    """
    first = Delivery.objects.filter(robot=robot, status=DeliveryStatus.PENDING).order_by("id").first()
    if first is None or first.next_attempt_at > now:
        return None
    until = now + CLAIM
    try:
        with transaction.atomic():
            mine = Delivery.objects.filter(pk=first.pk, status=DeliveryStatus.PENDING).update(
                status=DeliveryStatus.SENDING, busy_robot=robot, claimed_until=until
            )
            if mine:  # within the transaction: a row that cannot be read is not claimed either
                first.refresh_from_db()
    except IntegrityError:  # another worker is sending for this robot
        return None
    if not mine:
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
        mine = delivery.claimed().update(status=status, busy_robot=None, claimed_until=None, **changes)
        if mine:
            digest.end(delivery, status, changes)
            if status != DeliveryStatus.PENDING:
                _count(delivery, status)
    return bool(mine)


def _count(delivery: Delivery, status: str) -> None:
    transaction.on_commit(partial(metrics.DELIVERIES.add, status, delivery.channel_type))


def cancel(delivery: Delivery) -> bool:
    """Move a delivery from `pending` to `canceled`. Return False where it does not wait any more."""
    rows = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING)
    with transaction.atomic():
        mine = rows.update(status=DeliveryStatus.CANCELED, sealed="")
        if mine:
            digest.end(delivery, DeliveryStatus.CANCELED, {})
            _count(delivery, DeliveryStatus.CANCELED)
    return bool(mine)


def resend(delivery: Delivery, now: datetime) -> bool:
    """Make an ended delivery wait again, as if it were a new message. Return False while it is still on its way."""
    ended = (DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN, DeliveryStatus.CANCELED, DeliveryStatus.SENT)
    robot = delivery.destination.robot if delivery.destination else delivery.robot
    changed = Delivery.objects.filter(pk=delivery.pk, status__in=ended).update(
        status=DeliveryStatus.PENDING,
        robot=robot,
        next_attempt_at=now,
        attempts=0,
        parts_sent=0,
        msg_uuid=uuid.uuid4().hex,
        digest_id=None,
        smaller=False,
        error="",
    )
    if changed:
        transaction.on_commit(lambda: _nudge({robot: delivery.tenant_id}))
    return bool(changed)


def sweep(now: datetime, limit: int = 500) -> Robots:
    """Take back what dead workers have left. Return the robots with due messages, ROBOTS_AT_ONCE a tenant at most."""
    for row in Delivery.objects.filter(status=DeliveryStatus.SENDING, claimed_until__lt=now)[:limit]:
        _take_back(row)
    due = Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
    found: dict[str, str | None] = {}
    named: Counter[str | None] = Counter()
    for robot, tenant in due.order_by().values_list("robot", "tenant__code").distinct():
        if named[tenant] < ROBOTS_AT_ONCE:
            named[tenant] += 1
            found[robot] = tenant
    return found


def _take_back(row: Delivery) -> None:
    """End the claim of a dead worker, which may have sent the message: let it wait again, or call it unknown.

    The attempt counts, because a message that kills its worker must not do so for ever.
    """
    attempts = row.attempts + 1
    again = SENDERS[row.channel_type].may_repeat and attempts < attempts_at_most(row)
    status = DeliveryStatus.PENDING if again else DeliveryStatus.UNKNOWN
    close(row, status, attempts=attempts, error="The worker was lost while it was sending.")


def attempts_at_most(row: Delivery) -> int:
    return row.destination.max_attempts if row.destination else ATTEMPTS_WITHOUT_DESTINATION


def page_of(log_id: int | None) -> str:
    return f"{settings.PUBLIC_BASE_URL}/admin/scheduling/run/{log_id}/change/" if log_id else ""
