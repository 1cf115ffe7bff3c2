"""The web process, from setting its limits to its end."""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis
from django.conf import settings

from common import memory, process_registry
from platform_site.config.addresses import host_and_port
from platform_site.web import server
from platform_site.web.wsgi import application

logger = logging.getLogger("platform_site.web")
SPARE_FILES = 1024  # beside the connections: database, Redis, what Django opens


def run() -> None:
    """Serve until a signal ends the process. Raises SettingError."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it would log each request that waits
    memory.limit_memory(settings.WEB_MEMORY_MB, threads=settings.WEB_THREADS)
    allow_files(2 * settings.WEB_CONNECTIONS + SPARE_FILES)
    listening = server.listening(settings.HOST, settings.PORT)
    web = server.server(application, listening, settings.WEB_THREADS)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: web.end())
    with announced():
        logger.info("Listening on http://%s", host_and_port(settings.HOST, settings.PORT))
        web.run()


@contextmanager
def announced() -> Iterator[None]:
    """Announce this process in Redis for the doctor, which may run on another host."""
    name = f"web@{socket.gethostname()}:{os.getpid()}"
    who, stop = process_registry.ProcessEntry("web", name, [], settings.WEB_THREADS), threading.Event()
    announce = threading.Thread(target=process_registry.keep_announcing, args=(who, stop), daemon=True)
    announce.start()
    yield
    stop.set()
    with suppress(redis.RedisError):
        process_registry.leave("web", name)


def allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
