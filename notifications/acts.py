"""What people can do with a message: send it again, cancel it. Each act has its own transaction and audit entry.

Messages of elsewhere can be added, which this platform does not send.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from notifications import outbox
from notifications.models import Delivery
from tenants import audit
from tenants.access import Actor

BATCH = 50  # rows: within what MySQL takes in one packet


def add_sent(deliveries: Iterable[Delivery]) -> None:
    """Add messages that have been sent elsewhere, or, as the demo's, by nobody."""
    Delivery.objects.bulk_create(deliveries, batch_size=BATCH)


def resend(delivery: Delivery, actor: Actor, now: datetime) -> bool:
    """Send the message again from its beginning, as a new one. Return False while it is still on its way."""
    with transaction.atomic():
        is_on_its_way_again = outbox.resend(delivery, now)
        if is_on_its_way_again:
            audit.record(actor, "resend", delivery)
    return is_on_its_way_again


def cancel(delivery: Delivery, actor: Actor) -> bool:
    """Cancel a message that waits to be sent. Return False where it no longer waits."""
    with transaction.atomic():
        is_canceled = outbox.cancel(delivery)
        if is_canceled:
            audit.record(actor, "cancel", delivery)
    return is_canceled
