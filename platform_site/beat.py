"""`python -m platform_site.beat`: celery beat in half the memory that `celery -A celery_app beat` takes.

It loads no pages, no executors (beat sends by name) and none of the celery command's plugins, among them Flower.
"""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "platform_site.config.headless_settings"

import django
from celery.apps import beat

from celery_app import app
from platform_site.config.startup_errors import one_line_errors


class Beat(beat.Beat):
    def init_loader(self) -> None:
        """Load Django and the app; Celery's own method would import every task."""
        django.setup()
        app.finalize()


if __name__ == "__main__":
    with one_line_errors():
        Beat(app=app, quiet=True).run()
