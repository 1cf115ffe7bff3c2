"""The counters of messages for /metrics."""

from __future__ import annotations

from itertools import product

from common.metrics import Count
from notifications.channel_types import CHANNEL_TYPES
from notifications.models import DeliveryStatus

ENDS = (DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN, DeliveryStatus.CANCELED)
DELIVERIES = Count(
    "platform_deliveries",
    "Messages that have ended; a digest is one.",
    ("status", "channel"),
    tuple(product(ENDS, CHANNEL_TYPES)),
)
RATE_PAUSES = Count(
    "platform_rate_pause_seconds",
    "How long robots had to keep quiet, by our own count or the service's word.",
    ("channel", "told_by"),
    tuple(product(CHANNEL_TYPES, ("us", "service"))),
)
