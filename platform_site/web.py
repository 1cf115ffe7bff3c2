"""gunicorn's settings: `gunicorn -c python:platform_site.web`, in `make up` and in the image."""

from __future__ import annotations

import os
import signal
from typing import Any

from platform_site import settings
from platform_site.addresses import joined
from platform_site.up.guard import end_with_parent

wsgi_app = "platform_site.wsgi"
bind = joined(settings.HOST, settings.PORT)
worker_class, threads = "gthread", 16
graceful_timeout = 8
control_socket_disable = True  # a file in the home directory, one for all instances
logconfig_dict: dict[str, Any] = settings.LOGGING | {
    "loggers": {name: {"level": "INFO", "propagate": True} for name in ("gunicorn.error", "gunicorn.access")}
}


def post_fork(server: Any, worker: Any) -> None:
    """End a worker with its master. One that waits for a frozen database would keep the port from the next master."""
    if not end_with_parent(signal.SIGKILL, server.pid):
        os._exit(1)
