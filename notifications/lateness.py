"""Whether the outbox moves. Only rows are read, so that it does not depend on what processes report of themselves."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from notifications.models import Delivery, DeliveryStatus

STUCK_AFTER = timedelta(seconds=60)
# Between the end of one message and the claim of the next one no row shows that a worker is busy.
LOOK_AGAIN_SECONDS = 0.3


def stuck_since(now: datetime) -> datetime | None:
    """Return since when the oldest message that no worker sends has been due; None where all move.

    A message moves while its destination waits for its rate or for the next try, while an earlier message to it moves,
    and while any message of the tenant is being sent: a tenant whose destinations are all dead is slow, not stuck.
    """
    found = _stuck_due_times(now)
    if not found:
        return None
    time.sleep(LOOK_AGAIN_SECONDS)
    still = _stuck_due_times(now)
    return min((due for pk, due in found.items() if still.get(pk) == due), default=None)


def _stuck_due_times(now: datetime) -> dict[int, datetime]:
    """Return the due times, by primary key, of the messages that do not move now."""
    waiting = Delivery.objects.filter(status=DeliveryStatus.PENDING)
    earlier = waiting.filter(robot=OuterRef("robot"), pk__lt=OuterRef("pk"))
    late = waiting.filter(~Exists(earlier), next_attempt_at__lte=now - STUCK_AFTER)
    on_their_way = Delivery.objects.filter(status=DeliveryStatus.SENDING, claimed_until__gte=now)
    moving_tenants = set(on_their_way.values_list("tenant_id", flat=True))
    rows = late.order_by().values_list("pk", "tenant_id", "next_attempt_at")
    return {pk: due for pk, tenant_id, due in rows if tenant_id not in moving_tenants}
