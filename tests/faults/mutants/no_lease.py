"""The platform with nobody who looks at leases: what a dead worker had stays with it, and a verdict must notice."""

from __future__ import annotations

from datetime import datetime

import django

django.setup()

from celery_app import app  # noqa: E402
from scheduling.beat import reaper  # noqa: E402

__all__ = ["app"]


def _never(now: datetime, limit: int = 200) -> int:
    return 0


reaper.reap = _never
