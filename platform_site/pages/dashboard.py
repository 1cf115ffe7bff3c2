"""The admin's first page: how the day goes, which processes work, what comes next."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice, takewhile
from typing import Any
from urllib.parse import urlencode

import redis
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import process_registry
from notifications.models import Delivery
from platform_site.observability import stats
from platform_site.pages.first_steps import first_steps
from scheduling.admin.task_link import with_tasks, zone_of
from scheduling.admin.wording import error_text, schedule_text
from scheduling.kinds import QUEUE_OF
from scheduling.models import Run, ScheduledTask, Trigger
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.due import due_times
from scheduling.schedule.errors import ScheduleError
from tenants.access import Actor
from tenants.admin.access import actor, has_role_anywhere
from tenants.admin.labels import moment, span_text
from tenants.models import Role

SHOWN = 8
RUN_QUEUES = frozenset(QUEUE_OF.values())
MAX_TIMES = 300  # of one task in the picture of what comes: enough for every five minutes of a day


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    who, now = actor(request), timezone.now()
    with timezone.override(None):  # the platform's zone, not the reader's: beat counts its days
        today, days = stats.today(who, now), stats.daily(who, now)
    hours = stats.hourly_lateness(who, now)
    by_status = [asdict(day) | more for day, more in zip(days, stats.without_end(who, days), strict=True)]
    coming = [(task, schedule_text(task)) for task in stats.coming(who, now, SHOWN)]
    may_create = has_role_anywhere(who, Role.ADMIN)
    return context | {
        "title": _("Overview"),
        "today": today,
        "rate": stats.success_rate(days[-7:]),
        "days": by_status,
        "has_run": any(count for day in by_status for status, count in day.items() if status != "date"),
        "hours": [hour for hour in hours if hour.p50 is not None],
        "depth": stats.queue_depth(who, now),
        "longest": longest_waiting(who, now),
        "coming": [(task, moment(task.next_run_at, task.timezone), schedule) for task, schedule in coming],
        "numbers": {
            "days": [
                day | {"day": f"{day['date']:%m-%d}", "url": runs_url(day=f"{day['date']:%Y-%m-%d}")}
                for day in by_status
            ],
            "hours": [
                asdict(hour)
                | {
                    "hour": f"{hour.begin:%H:%M}",
                    "url": runs_url(day=f"{hour.begin:%Y-%m-%d}", trigger=Trigger.SCHEDULE.value),
                }
                for hour in hours
            ],
            "coming": picture(coming, now),
        },
        "failures": [
            (run, moment(run.not_before, zone_of(run)), error_text(run.error_code))
            for run in with_tasks(stats.failures(who, now, SHOWN))
        ],
        "processes": processes(time.time()) if who.everything else None,
        "is_member": who.everything or bool(who.roles),
        "may_create": may_create,
        "first_steps": first_steps(who) if may_create else [],
    }


def runs_url(**filters: str) -> str:
    """Return the address of the list of runs, filtered."""
    return f"{reverse('admin:scheduling_run_changelist')}?{urlencode(filters)}"


def longest_waiting(who: Actor, now: datetime) -> dict[str, tuple[Run | Delivery, str]]:
    """Return the run and the message that have waited longest, each with how long; nothing where none waits."""
    found = stats.longest_waiting(who, now)
    waits: dict[str, tuple[Run | Delivery, str]] = {}
    if run := found.run:
        waits["run"] = (run, span_text((now - run.not_before).total_seconds()))
    if delivery := found.delivery:
        waits["delivery"] = (delivery, span_text((now - delivery.next_attempt_at).total_seconds()))
    return waits


def picture(coming: list[tuple[ScheduledTask, str]], now: datetime) -> dict[str, Any]:
    """Return the data for frontend/src/charts/coming.ts: each task with its due times of the next 24 hours."""
    return {
        "from": now,
        "to": now + stats.COMING_WITHIN,
        "timezone": timezone.get_current_timezone_name(),
        "tasks": [
            {
                "name": task.task_name,
                "url": reverse("admin:scheduling_scheduledtask_overview", args=[task.pk]),
                "schedule": schedule,
                "at": _times(task, now),
            }
            for task, schedule in coming
        ],
    }


def _times(task: ScheduledTask, now: datetime) -> list[datetime]:
    """Return the task's due times of the next 24 hours.

    The first one comes from the row: the schedule does not know when a window is caught up, and an unreadable schedule
    knows no time at all.
    """
    assert task.next_run_at
    until = now + stats.COMING_WITHIN
    try:
        later = takewhile(lambda at: at <= until, due_times(schedule_of(task), max(task.next_run_at, now)))
        return [task.next_run_at, *islice(later, MAX_TIMES)]
    except ScheduleError:
        return [task.next_run_at]


@dataclass(frozen=True)
class Load:
    """A worker, and how many of its slots are busy; None where it takes no runs, only messages."""

    worker: process_registry.ProcessEntry
    busy: int | None


@dataclass(frozen=True)
class Processes:
    """The living processes. `redis_away` says why Redis does not answer: then nobody knows who is alive."""

    beats: list[tuple[str, int]]
    workers: list[Load]
    redis_away: str = ""


def processes(now: float) -> Processes:
    """Return the beats with the seconds since their last tick, and the workers with their load."""
    try:
        beats, workers = process_registry.living("beat"), process_registry.living("worker")
    except redis.RedisError as error:
        return Processes([], [], str(error) or type(error).__name__)
    busy = stats.busy_slots()
    loads = [
        Load(worker, busy.get(worker.name, 0) if RUN_QUEUES & set(worker.queues) else None)
        for worker in workers
    ]
    return Processes([(beat.name, round(now - beat.at)) for beat in beats], loads)
