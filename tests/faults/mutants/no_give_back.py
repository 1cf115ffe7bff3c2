"""The platform whose workers give no database connection back, also none that is broken: a verdict must notice.

Its beats do: what is due goes on coming to its workers.
"""

from __future__ import annotations

import sys

import django

django.setup()

from celery_app import app  # noqa: E402
from common.framework import db_connections  # noqa: E402
from common.framework.mysql.base import DatabaseWrapper  # noqa: E402

__all__ = ["app"]


def _kept(*_: object) -> bool:
    return False


if "worker" in sys.argv:
    DatabaseWrapper.close_if_health_check_failed = _kept  # type: ignore[method-assign, assignment]
    db_connections.end_task = db_connections.close_idle = _kept  # type: ignore[assignment]
