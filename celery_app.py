"""The Celery application: `celery -A celery_app worker|beat|flower`."""

import os
from logging.config import dictConfig

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings")

app = Celery("platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["scheduling", "notifications"])


@setup_logging.connect
def _as_in_web(**_: object) -> None:
    """Celery would raise the root logger's level to the WARNING of its command line."""
    from django.conf import settings

    dictConfig(settings.LOGGING)
