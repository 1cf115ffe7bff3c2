"""Checks for load balancers and `make up`: is the process alive, and can the platform do its work?"""

from __future__ import annotations

import time
from collections.abc import Callable

import redis
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from common import process_registry
from common.redis_client import client
from notifications import lateness
from platform_site.observability.metrics import OUR_QUEUES, may_read

BEAT_SILENT_SECONDS = 10.0


class NotReadyError(Exception):
    pass


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while this process answers at all."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when a task that is due now would run and its message would leave, else 503.

    Only callers that may read the metrics see the reasons.
    """
    found = {name: _why_not(check) for name, check in CHECKS.items()}
    ready = not any(found.values())
    if not ready and not _may_know(request):
        found = {name: why and "failed" for name, why in found.items()}
    body = {
        "status": "ok" if ready else "unavailable",
        "checks": {n: why or "ok" for n, why in found.items()},
    }
    response = JsonResponse(body, status=200 if ready else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  # Django's flag: the caller knows, no ERROR line
    return response


def _may_know(request: HttpRequest) -> bool:
    """Return whether the caller may see the reasons.

    METRICS_TOKEN can be checked without a database; without one, nobody else can be recognized.
    """
    try:
        return may_read(request)
    except DatabaseError:
        return False


def _why_not(check: Callable[[], None]) -> str:
    try:
        check()
    except (NotReadyError, DatabaseError, redis.RedisError) as error:
        return str(error) or type(error).__name__
    return ""


def database_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def redis_answers() -> None:
    client().ping()


def beat_ticks() -> None:
    ticks = [beat.at for beat in process_registry.living("beat")]
    if not ticks:
        raise NotReadyError("no beat is running")
    silent = time.time() - max(ticks)
    if silent > BEAT_SILENT_SECONDS:
        raise NotReadyError(f"beat's last tick was {silent:.0f} s ago")


def served_queues() -> set[str]:
    """Return the queues that a living worker takes from. Raises redis.RedisError."""
    return {queue for worker in process_registry.living("worker") for queue in worker.queues}


def workers_listen() -> None:
    missing = sorted({*OUR_QUEUES} - served_queues())
    if missing:
        raise NotReadyError(f"no worker serves {', '.join(missing)}")


def outbox_moves() -> None:
    if since := lateness.stuck_since(timezone.now()):
        waited = (timezone.now() - since).total_seconds()
        raise NotReadyError(f"a message is {waited:.0f} s overdue and no worker is sending it")


CHECKS: dict[str, Callable[[], None]] = {
    "database": database_answers,
    "redis": redis_answers,
    "beat": beat_ticks,
    "workers": workers_listen,
    "outbox": outbox_moves,
}
