"""Pings that show an outside monitor that the platform lives: when they stop, it is the monitor that alerts."""

from __future__ import annotations

import logging
import threading

from django.conf import settings

from common import outbound
from common.http import Client, HttpError

logger = logging.getLogger(__name__)
EVERY_SECONDS = 60.0
TOTAL_SECONDS = 20.0


class MonitorPing:
    """Sends the pings in a thread of their own: beat never waits for somebody else's server."""

    def __init__(self) -> None:
        self.last = float("-inf")
        self.thread: threading.Thread | None = None

    def beat(self, monotonic: float) -> None:
        """Send a ping once a minute, unless the one before still hangs. Call it after a tick that went well."""
        url = settings.PLATFORM_HEARTBEAT_URL
        if not url or monotonic - self.last < EVERY_SECONDS or (self.thread and self.thread.is_alive()):
            return
        self.last = monotonic
        self.thread = threading.Thread(target=_ping, args=(url,), name="heartbeat", daemon=True)
        self.thread.start()


def _ping(url: str) -> None:
    try:
        answer = Client(outbound.policy(total_seconds=TOTAL_SECONDS)).request("GET", url)
    except HttpError as error:
        logger.warning("The heartbeat was not heard: %s", type(error).__name__)
        return
    if not answer.is_success:
        logger.warning("The heartbeat was answered with HTTP %s", answer.status)
