"""gunicorn's settings: `gunicorn -c python:platform_site.web`, in `make up` and in the image."""

from __future__ import annotations

from typing import Any

from platform_site import settings
from platform_site.addresses import joined

wsgi_app = "platform_site.wsgi"
bind = joined(settings.HOST, settings.PORT)
worker_class, threads = "gthread", 16
graceful_timeout = 8
control_socket_disable = True  # a file in the home directory, one for all instances
logconfig_dict: dict[str, Any] = settings.LOGGING | {
    "loggers": {name: {"level": "INFO", "propagate": True} for name in ("gunicorn.error", "gunicorn.access")}
}
