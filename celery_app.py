"""The Celery application of beat and workers, and of commands such as `celery -A celery_app inspect active`."""

from __future__ import annotations

import gc
import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, worker_before_create_process, worker_process_shutdown

from common import metrics
from common.framework import db_connections, redis_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.config.headless_settings")

PREFIX = "CELERY_"


def config() -> dict[str, Any]:
    """Return only Celery's settings: workers publish their configuration to everybody on Redis, and Flower shows it."""
    from django.conf import settings

    ours = {name: getattr(settings, name) for name in dir(settings) if name.startswith(PREFIX)}
    named = {name.removeprefix(PREFIX).lower(): value for name, value in ours.items()}
    return named | {"CELERY_DB_REUSE_MAX": settings.CELERY_DB_REUSE_MAX}  # Celery reads it by this name


redis_broker.install()
app = Celery("platform")
app.add_defaults(config)
app.steps["worker"].add(redis_broker.RestoreUnackedStep)
app.autodiscover_tasks(["scheduling", "notifications"])


@setup_logging.connect
def _as_in_web(**_: object) -> None:
    """Log as the web does: Celery would raise the root logger's level to its command line's default, WARNING."""
    from django.conf import settings

    dictConfig(settings.LOGGING)


@task_postrun.connect
def _give_back(**_: object) -> None:
    db_connections.end_task()


@worker_before_create_process.connect
def _share_memory(**_: object) -> None:
    """Let a pool's processes share what we have loaded: the garbage collector would write into all of its pages."""
    gc.freeze()


@worker_process_shutdown.connect
def _hand_on(**_: object) -> None:
    """Flush the metrics of a pool's process, which ends without running Python's exit handlers."""
    metrics.stop()
