"""What is counted of messages for /metrics."""

from __future__ import annotations

from common.figures import Count

DELIVERIES = Count("platform_deliveries", "Messages that have ended; a digest is one.", ("status", "channel"))
RATE_PAUSES = Count(
    "platform_rate_pauses",
    "Messages that had to wait, by our own count or the service's word.",
    ("channel", "told_by"),
)
