"""Does the outbox move? Read from rows alone, whatever the processes say of themselves."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from notifications.models import Delivery, DeliveryStatus

STUCK_AFTER = timedelta(seconds=60)
LOOK_AGAIN_SECONDS = 0.3  # between the end of one message and the claim of the next nobody is seen at work


def stuck_since(now: datetime) -> datetime | None:
    """Return since when the oldest of the messages is due that nobody sends; None where all move.

    A message moves where its robot waits for its rate or for the next try, where an earlier one of the robot does, and
    where a message of the same tenant is on its way: a tenant whose destinations are all dead is slow, not stuck.
    """
    found = _unsent(now)
    if not found:
        return None
    time.sleep(LOOK_AGAIN_SECONDS)
    still = _unsent(now)
    return min((due for pk, due in found.items() if still.get(pk) == due), default=None)


def _unsent(now: datetime) -> dict[int, datetime]:
    """When they were due, by primary key."""
    waiting = Delivery.objects.filter(status=DeliveryStatus.PENDING)
    earlier = waiting.filter(robot=OuterRef("robot"), pk__lt=OuterRef("pk"))
    late = waiting.filter(~Exists(earlier), next_attempt_at__lte=now - STUCK_AFTER)
    on_their_way = Delivery.objects.filter(status=DeliveryStatus.SENDING, claimed_until__gte=now)
    moving = set(on_their_way.values_list("tenant_id", flat=True))
    rows = late.order_by().values_list("pk", "tenant_id", "next_attempt_at")
    return {pk: due for pk, tenant_id, due in rows if tenant_id not in moving}
