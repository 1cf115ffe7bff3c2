"""The platform's Celery application with turns of ten minutes, for tests of what ends a turn early."""

from __future__ import annotations

import django

from celery_app import app

django.setup()

from scheduling.worker import turn  # noqa: E402

__all__ = ["app"]

turn.TURN_SECONDS = 600.0
