"""The platform with nothing that keeps two beats from writing the same due time: a verdict must notice.

The unique key, the lock on the task and the look at what is written already are one fence, in three layers.
Its beats are slow between reading and writing: with the fence that would harm nothing, without it they meet.
"""

from __future__ import annotations

import time
from typing import TypeVar

import django
from django.db.models import Model, QuerySet

django.setup()

from celery_app import app  # noqa: E402
from scheduling.beat import due_runs, fire  # noqa: E402
from scheduling.models import Run  # noqa: E402

__all__ = ["app"]
M = TypeVar("M", bound=Model)
SLOW_SECONDS = 2.0


def _unlocked(rows: QuerySet[M], *, skip: bool = True) -> QuerySet[M]:
    return rows


def _unfenced(runs: list[Run]) -> list[Run]:
    if runs:
        time.sleep(SLOW_SECONDS)
    for run in runs:
        run.fire_at = None
    return runs


fire.locked = _unlocked  # type: ignore[attr-defined]  # what it has imported
due_runs._without_row = _unfenced
