"""Runs as a strip of marks: each is coloured by its state, as high as its run was long, and a link to the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.urls import reverse

from scheduling.admin.wording import STATUSES, duration, error_text
from scheduling.models import Run
from tenants.admin.labels import plain_moment

LEVELS = 10  # heights, each a class in static/platform/task.css: an inline style is refused by the browser


@dataclass(frozen=True)
class Mark:
    """`level` is its height, from 1 to LEVELS; `text` is what a reader sees on hover and hears."""

    url: str
    status: str
    level: int
    text: str


def marks(runs: Sequence[Run], now: datetime) -> list[Mark]:
    """Return the marks of the runs, which come with the newest first, in the order of time.

    The longest of them is LEVELS high. One under way is as long as it has lasted.
    """
    lengths = [_milliseconds(run, now) for run in runs]
    longest = max(lengths, default=0) or 1
    found = [_mark(run, ceil(LEVELS * length / longest)) for run, length in zip(runs, lengths, strict=True)]
    return found[::-1]


def _mark(run: Run, level: int) -> Mark:
    at = plain_moment(run.due_at or run.started_at or run.created_at)
    parts = [str(STATUSES[run.status]), at, duration(run.duration_ms), error_text(run.error_code)]
    url = reverse("admin:scheduling_run_change", args=[run.pk])
    return Mark(url, run.status, max(1, level), " · ".join(part for part in parts if part))


def _milliseconds(run: Run, now: datetime) -> int:
    if run.duration_ms is not None or run.first_started_at is None:
        return run.duration_ms or 0
    return max(0, int((now - run.first_started_at).total_seconds() * 1000))
