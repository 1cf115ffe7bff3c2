"""The outbox: what is to be sent is a row, written with what caused it.

    pending ──claim──> sending ──> sent │ failed │ unknown
       ▲──────(rate, transient)──────┘         pending ──> canceled

One message at a time per robot, in order: `busy_robot` is unique. A robot is a tenant's: nobody else's messages wait
with its own. A worker killed while sending leaves its row `sending`; the sweep puts it back where sending again can't
double it, else calls it `unknown`. `claimed_until` is the fence: whoever outlives its claim writes nothing any more.
What the digest of a delivery carries (see digest.py) waits as `pending` and ends with it.
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
ROBOTS_AT_ONCE = 100  # of one tenant, that a sweep names
Robots = Mapping[str, str | None]  # robot -> its tenant


@dataclass(frozen=True)
class OutgoingMessage:
    """What is to be said, and of what: `result` as the script gave it, secrets masked."""

    result: Any
    kind: DeliveryKind
    title: str = ""
    log_id: int | None = None
    task_id: int | None = None
    tenant_id: str | None = None
    trace_id: str = ""


def enqueue(destinations: Iterable[Destination], message: OutgoingMessage, now: datetime) -> list[Delivery]:
    """A delivery for each, in the caller's transaction; sending begins after its commit."""
    return _written([_to(destination, message, now) for destination in destinations])


def enqueue_unsent(
    destinations: Iterable[Destination], message: OutgoingMessage, why: str, now: datetime
) -> None:
    """Failed from the start: there was something to say and it could not be said. `message` is what a resend sends."""
    for row in [_to(destination, message, now) for destination in destinations]:
        row.status, row.error = DeliveryStatus.FAILED, why
        row.save()
        _count(row, row.status)


def enqueue_to_address(
    channel_type: str, url: str, message: OutgoingMessage, now: datetime
) -> list[Delivery]:
    """For an alert: a robot that is no channel."""
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
    """Links that Dify has signed are kept sealed, and shown without their signatures."""
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
    """Only for speed: the sweep finds what this could not tell. By name: the Celery task imports us."""
    for robot, tenant_id in robots.items():
        current_app.send_task("notifications.drain", (robot, tenant_id or ""), queue="notify", retry=False)


def claim(robot: str, now: datetime) -> Delivery | None:
    """The robot's oldest waiting message, if its time has come and none is on its way."""
    first = Delivery.objects.filter(robot=robot, status=DeliveryStatus.PENDING).order_by("id").first()
    if first is None or first.next_attempt_at > now:
        return None
    until = now + CLAIM
    try:
        with transaction.atomic():
            mine = Delivery.objects.filter(pk=first.pk, status=DeliveryStatus.PENDING).update(
                status=DeliveryStatus.SENDING, busy_robot=robot, claimed_until=until
            )
            if mine:  # here: where the row can't be read, it is not claimed
                first.refresh_from_db()
    except IntegrityError:  # another worker is sending for this robot
        return None
    if not mine:
        return None
    first.claimed_until = until
    return first


def close(delivery: Delivery, status: DeliveryStatus, **changes: Any) -> bool:
    """sending -> `status`, and what its digest carries with it. False: the sweep has taken it back."""
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
    """pending -> canceled. False: it does not wait any more."""
    rows = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING)
    with transaction.atomic():
        mine = rows.update(status=DeliveryStatus.CANCELED, sealed="")
        if mine:
            digest.end(delivery, DeliveryStatus.CANCELED, {})
            _count(delivery, DeliveryStatus.CANCELED)
    return bool(mine)


def resend(delivery: Delivery, now: datetime) -> bool:
    """Put the message into the outbox once more, as a new one. Return False while it is still on its way."""
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
    """Take back what dead workers have left. Return the robots that have something to send now, some of each tenant."""
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
    """It may have been sent. The attempt counts: a message that kills its worker must not do so for ever."""
    attempts = row.attempts + 1
    again = SENDERS[row.channel_type].may_repeat and attempts < attempts_at_most(row)
    status = DeliveryStatus.PENDING if again else DeliveryStatus.UNKNOWN
    close(row, status, attempts=attempts, error="The worker died while it was sending.")


def attempts_at_most(row: Delivery) -> int:
    return row.destination.max_attempts if row.destination else ATTEMPTS_WITHOUT_DESTINATION


def page_of(log_id: int | None) -> str:
    return f"{settings.PUBLIC_BASE_URL}/admin/scheduling/run/{log_id}/change/" if log_id else ""
