"""A message to test a channel with: it is sent at once, and the caller can read how the service answered."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common.concurrency import hold_place
from notifications import outbox, sending
from notifications.models import Delivery, DeliveryKind, DeliveryStatus, Destination
from tenants import audit
from tenants.access import Actor


class DestinationBusyError(Exception):
    """A worker is sending to this destination at the moment."""


@dataclass(frozen=True)
class SendReport:
    """How a test went. `errmsg` is the service's own text, or why nothing was sent; `note` says what to do about it."""

    ok: bool
    errcode: str
    errmsg: str
    request: dict[str, Any] | None
    note: str


def default_text() -> str:
    return _("A test message from the task platform.")


def send(destination: Destination, actor: Actor, content: str, now: Callable[[], datetime]) -> Delivery:
    """Send a message now, even where the destination is switched off, and return the delivery as it ended.

    A message that cannot be sent at once is canceled. Raises DestinationBusyError, NoPlaceError.
    """
    audit.record(actor, "test", destination)
    with hold_place(destination.tenant_id):
        return _send(destination, content, now)


def _send(destination: Destination, content: str, now: Callable[[], datetime]) -> Delivery:
    delivery = Delivery(
        tenant_id=destination.tenant_id,
        channel_type=destination.kind,
        robot=destination.destination_key,
        busy_robot=destination.destination_key,
        kind=DeliveryKind.TEST,
        status=DeliveryStatus.SENDING,
        claimed_until=now() + outbox.CLAIM,
        message={"content": content},
        msg_uuid=uuid.uuid4().hex,
        next_attempt_at=now(),
        created_at=now(),
    )
    outbox.set_destination(delivery, destination)
    try:
        with transaction.atomic():
            delivery.save()
    except IntegrityError as error:
        raise DestinationBusyError from error
    destination.is_enabled = True  # for this message only: the channel is not saved
    sending.deliver(delivery, now)
    outbox.cancel(delivery)
    delivery.refresh_from_db()
    return delivery


def report_of(delivery: Delivery) -> SendReport:
    ok = delivery.status == DeliveryStatus.SENT
    waits = _(
        "The robot has reached its rate limit, or Redis, which counts its messages, does not "
        "answer: try again in a moment."
    )
    return SendReport(
        ok=ok,
        errcode=delivery.errcode,
        errmsg=delivery.errmsg or delivery.error or ("" if ok else waits),
        request=delivery.request,
        note=" ".join(sending.note_texts(delivery.notes)),
    )
