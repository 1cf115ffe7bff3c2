"""One request in a thread. With WEB_ACCESS_LOG it is logged, unless it only asks whether the process lives."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from waitress.task import WSGITask

logger = logging.getLogger("platform_site.access")
PROBES = {"/healthz", "/readyz"}


class Task(WSGITask):
    def service(self) -> None:
        super().service()
        if settings.WEB_ACCESS_LOG and self.request.path not in PROBES:
            took = 1000 * (time.time() - self.start_time)
            request_line = (self.channel.addr[0], self.request.command, self.request.path, self.status)
            logger.info("%s %s %s: %s in %.0f ms", *request_line, took)
