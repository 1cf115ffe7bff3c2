"""Starts the web process."""

from __future__ import annotations

import logging
import os
import resource
import signal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings")

from django.conf import settings

from common import memory
from platform_site.addresses import joined
from platform_site.web import server
from platform_site.wsgi import application

logger = logging.getLogger("platform_site.web")
SPARE_FILES = 1024  # beside the connections: database, Redis, what Django opens


def main() -> None:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line for each request that waits
    memory.limit(settings.WEB_MEMORY_MB, threads=settings.WEB_THREADS)
    allow_files(2 * settings.WEB_CONNECTIONS + SPARE_FILES)
    listening = server.listening(settings.HOST, settings.PORT)
    web = server.server(application, listening, settings.WEB_THREADS)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: web.end())
    logger.info("Listening on http://%s", joined(settings.HOST, settings.PORT))
    web.run()


def allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    main()
