"""The counters of messages for /metrics."""

from __future__ import annotations

from itertools import product

from common.metrics import Count
from notifications.models import DeliveryStatus
from notifications.senders import SENDERS

ENDS = (DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN, DeliveryStatus.CANCELED)
DELIVERIES = Count(
    "platform_deliveries",
    "Messages that have ended; a digest is one.",
    ("status", "channel"),
    tuple(product(ENDS, SENDERS)),
)
RATE_PAUSES = Count(
    "platform_rate_pause_seconds",
    "How long robots had to keep quiet, by our own count or the service's word.",
    ("channel", "told_by"),
    tuple(product(SENDERS, ("us", "service"))),
)
