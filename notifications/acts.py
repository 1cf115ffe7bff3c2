"""What people ask of messages: send one again, cancel one. Each act owns its transaction and its audit row."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications import outbox
from notifications.models import Delivery
from tenants import audit
from tenants.access import Actor


def resend(delivery: Delivery, actor: Actor, now: datetime) -> bool:
    """Send the message again from its beginning, as one of its own. Return False while it is still on its way."""
    with transaction.atomic():
        is_on_its_way_again = outbox.resend(delivery, now)
        if is_on_its_way_again:
            audit.record(actor, "resend", delivery)
    return is_on_its_way_again


def cancel(delivery: Delivery, actor: Actor) -> bool:
    """Cancel a message that waits to be sent. Return False where it does not wait any more."""
    with transaction.atomic():
        is_canceled = outbox.cancel(delivery)
        if is_canceled:
            audit.record(actor, "cancel", delivery)
    return is_canceled
