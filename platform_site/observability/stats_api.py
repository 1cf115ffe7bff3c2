"""GET /api/stats"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import redis
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from common import process_registry
from common.rest.answers import answers
from common.rest.fields import Filters, Words
from common.rest.problems import NotFoundError
from platform_site.observability import stats
from platform_site.observability.metrics import OUR_QUEUES
from scheduling.kinds import QUEUE_OF
from tenants.access import Actor
from tenants.api.auth import caller

router = Router(tags=["Statistics"])
COMING = 10


class StatsQuery(Filters):
    tenant_id: Words | None = None
    """Only this tenant's numbers; left out: those of all tenants that the caller sees."""


class Today(Schema):
    total: int
    success: int
    failed: int
    skipped: int
    missed: int
    canceled: int
    running: int
    queued: int


class Depth(Schema):
    io: int
    script: int
    notify: int


class Latency(Schema):
    p50: int | None
    p99: int | None


class Process(Schema):
    name: str
    queues: list[str]
    slots: int
    sandbox_level: int | None
    at: float = Field(description="When it last reported, in Unix seconds.")


class Coming(Schema):
    task_id: int
    task_name: str
    due_at: datetime


class Day(Schema):
    date: date
    success: int
    failed: int


class Stats(Schema):
    today: Today
    success_rate_7d: float | None = Field(description="From 0 to 1; null if nothing has run.")
    queue_depth: Depth = Field(
        description="The number of runs and messages that could start or be sent now, by queue."
    )
    due_to_claimed_ms: Latency = Field(description="The start delay of today's latest 1,000 scheduled runs.")
    workers: list[Process] | None = Field(description="For superusers only; null if Redis does not answer.")
    beats: list[Process] | None
    next: list[Coming]
    daily: list[Day] = Field(description="The last 14 days.")


@router.get("", response=answers({200: Stats}, 404, 422), summary="Statistics of the platform")
def get_stats(request: HttpRequest, query: Query[StatsQuery]) -> Any:
    who, now = caller(request), timezone.now()
    if query.tenant_id is not None:
        who = _narrowed(who, query.tenant_id)
    days = stats.daily(who, now)
    rate = stats.success_rate(days[-7:])
    return {
        "today": stats.today(who, now),
        "success_rate_7d": None if rate is None else rate / 100,
        "queue_depth": _by_queue(stats.queue_depth(who, now)),
        "due_to_claimed_ms": dict(zip(("p50", "p99"), stats.lateness(who, now, (50, 99)), strict=True)),
        "workers": _alive(who, lambda: process_registry.living("worker")),
        "beats": _alive(who, lambda: process_registry.living("beat")),
        "next": [
            {"task_id": task.pk, "task_name": task.task_name, "due_at": task.next_run_at}
            for task in stats.coming(who, now, COMING)
        ],
        "daily": [{"date": day.date.date(), "success": day.success, "failed": day.failed} for day in days],
    }


def _narrowed(who: Actor, tenant_id: str) -> Actor:
    if not who.sees(tenant_id):
        raise NotFoundError
    return replace(who, everything=False, roles={tenant_id: who.role_in(tenant_id)})


def _by_queue(depth: dict[str, int]) -> dict[str, int]:
    queues = dict.fromkeys(OUR_QUEUES, 0)
    for kind, count in depth.items():
        queues[QUEUE_OF.get(kind, kind)] += count
    return queues


def _alive(
    who: Actor, ask: Callable[[], list[process_registry.ProcessEntry]]
) -> list[process_registry.ProcessEntry] | None:
    """Return the living processes, None where Redis does not answer.

    Only superusers see any, for names of machines are the platform's affair.
    """
    if not who.everything:
        return []
    try:
        return ask()
    except redis.RedisError:
        return None
