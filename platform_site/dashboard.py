"""The admin's first page: how the day goes, who works, what comes next."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import redis
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site import stats
from scheduling.admin.words import error_words, schedule_words, status_label
from scheduling.engine import presence
from tenants.admin.access import actor

SHOWN = 8


@dataclass(frozen=True)
class Bar:
    """A day of the chart, heights in percent of the highest."""

    day: stats.Day
    success: int
    failed: int


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    who, now = actor(request), timezone.now()
    days = stats.daily(who, now)
    return context | {
        "title": _("Overview"),
        "today": stats.today(who, now),
        "rate": stats.success_rate(days[-7:]),
        "bars": bars(days),
        "depth": stats.queue_depth(who, now),
        "coming": [(task, schedule_words(task)) for task in stats.coming(who, now, SHOWN)],
        "failures": [
            (run, status_label(run.status), error_words(run.error_code))
            for run in stats.failures(who, now, SHOWN)
        ],
        "processes": processes(time.time()) if who.everything else None,
        "is_member": who.everything or bool(who.roles),
    }


def bars(days: list[stats.Day]) -> list[Bar]:
    most = max((day.success + day.failed for day in days), default=0) or 1
    return [Bar(day, round(100 * day.success / most), round(100 * day.failed / most)) for day in days]


@dataclass(frozen=True)
class Processes:
    """`redis_away`: then nobody knows who is alive."""

    beats: list[tuple[str, int]]
    workers: list[presence.Presence]
    redis_away: str = ""


def processes(now: float) -> Processes:
    """Beats with the seconds since their last tick, and workers."""
    try:
        beats, workers = presence.present("beat"), presence.present("worker")
    except redis.RedisError as error:
        return Processes([], [], str(error) or type(error).__name__)
    return Processes([(beat.name, round(now - beat.at)) for beat in beats], workers)
