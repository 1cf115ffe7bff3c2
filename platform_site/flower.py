"""`python -m platform_site.flower`: Flower in half the memory that `celery -A celery_app flower` takes.

It loads no Django apps and none of the tasks: workers tell it what they run. FLOWER_… variables are its options.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from logging.config import dictConfig

os.environ["DJANGO_SETTINGS_MODULE"] = "platform_site.config.headless_settings"

from celery import Celery
from django.conf import settings
from flower import command, urls
from flower.app import Flower
from tornado.options import options

from celery_app import config
from platform_site.config.startup_errors import one_line_errors


def flower() -> Flower:
    """Return Flower, not yet started. People read its times; beat and workers count in UTC."""
    dictConfig(settings.LOGGING)
    command.apply_env_options()
    command.extract_settings()
    command.setup_logging()
    app = Celery("platform", fixups=[])
    app.add_defaults(lambda: config() | {"timezone": settings.TIME_ZONE})
    return Flower(capp=app, options=options, **urls.settings)


if __name__ == "__main__":
    with one_line_errors():
        started = flower()
        atexit.register(started.stop)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        started.start_http_server()
        started.start()
