"""/metrics for Prometheus: what waits, how late runs begin, who is alive. Read anew for each scrape, all by indexes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from common.redis_client import client
from notifications.models import Delivery, DeliveryStatus
from platform_site import stats
from scheduling.engine import presence
from scheduling.engine.publish import QUEUES
from scheduling.models import UNFINISHED, Run, RunStatus
from tenants import tokens
from tenants.access import SYSTEM, actor_of

RECENT = timedelta(minutes=5)
OPEN = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)


def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Platform())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request: HttpRequest) -> bool:
    """With METRICS_TOKEN, or as a superuser, by session or API token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return request.user.is_authenticated and request.user.is_superuser
    if settings.METRICS_TOKEN and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    row = tokens.find(token, timezone.now())
    return row is not None and actor_of(row.user, row).everything


class Platform(Collector):
    def collect(self) -> Iterator[Metric]:
        """What cannot be read is left out, and `platform_up` says so."""
        up = GaugeMetricFamily("platform_up", "1 where this part answers.", labels=["part"])
        now = timezone.now()
        for part, readings in PARTS.items():
            try:
                yield from [metric for reading in readings for metric in reading(now)]
            except (DatabaseError, redis.RedisError):
                up.add_metric([part], 0)
            else:
                up.add_metric([part], 1)
        yield up


def gauge(
    name: str, text: str, labels: Iterable[str], samples: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    for values, number in samples:
        family.add_metric(list(values), number)
    return family


def runs(now: datetime) -> Iterator[Metric]:
    due = Q(not_before__lte=now)
    unfinished = Q(status__in=UNFINISHED)
    ended = Q(status__in=set(RunStatus.values) - set(UNFINISHED), not_before__gte=now - RECENT)
    for name, text, which in (
        ("platform_runs_unfinished", "Runs that are due and have not ended.", unfinished),
        ("platform_runs_ended_recently", "Runs of the last 5 minutes that have ended.", ended),
    ):
        rows = Run.objects.filter(which, due).order_by().values_list("status", "execution_type")
        counts = rows.annotate(n=Count("pk"))
        yield gauge(name, text, ("status", "kind"), (((status, kind), n) for status, kind, n in counts))


def lateness(now: datetime) -> Iterator[Metric]:
    quantiles = {50: "0.5", 99: "0.99", 100: "1"}
    late = stats.lateness(SYSTEM, now, list(quantiles), since=now - RECENT)
    yield gauge(
        "platform_due_to_claimed_seconds",
        "From the due time to the first start, of the latest 1,000 scheduled runs of 5 minutes.",
        ("quantile",),
        (((q,), ms / 1000) for q, ms in zip(quantiles.values(), late, strict=True) if ms is not None),
    )


def waiting(now: datetime) -> Iterator[Metric]:
    """Rows that are not on Redis yet: with its messages they are the depth that workers are scaled by."""
    depth = dict.fromkeys((*QUEUES.values(), "notify"), 0)
    rows = Run.objects.filter(status=RunStatus.QUEUED, published_at=None, not_before__lte=now).order_by()
    for kind, count in rows.values_list("execution_type").annotate(n=Count("pk")):
        depth[QUEUES[kind]] += count
    due = Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
    depth["notify"] += due.count()
    yield _by_queue("platform_queue_waiting_rows", "Due runs and messages not yet on Redis.", depth)


def messages(now: datetime) -> Iterator[Metric]:
    depth = {queue: int(client().llen(queue)) for queue in sorted({*QUEUES.values(), "notify"})}
    yield _by_queue("platform_queue_messages", "Messages on Redis that no worker has taken.", depth)


def _by_queue(name: str, text: str, depth: dict[str, int]) -> Metric:
    return gauge(name, text, ("queue",), (((queue,), count) for queue, count in depth.items()))


def deliveries(now: datetime) -> Iterator[Metric]:
    rows = Delivery.objects.filter(
        Q(status__in=OPEN) | Q(next_attempt_at__gte=now - RECENT, status__in=CLOSED)
    )
    counts = rows.order_by().values_list("status").annotate(n=Count("pk"))
    yield gauge(
        "platform_deliveries",
        "Messages that are open, and those of the last 5 minutes that are not.",
        ("status",),
        (((status,), count) for status, count in counts),
    )


CLOSED = set(DeliveryStatus.values) - set(OPEN)


def processes(now: datetime) -> Iterator[Metric]:
    beats, workers = presence.present("beat"), presence.present("worker")
    ages = (((beat.name,), max(0.0, time.time() - beat.at)) for beat in beats)
    slots = (((w.name, queue), float(w.slots)) for w in workers for queue in w.queues)
    levels = (((w.name,), float(w.sandbox_level)) for w in workers if w.sandbox_level is not None)
    yield gauge("platform_beat_tick_age_seconds", "Since a beat's last tick.", ("beat",), ages)
    yield gauge("platform_worker_slots", "Runs a worker takes at once.", ("worker", "queue"), slots)
    yield gauge("platform_worker_sandbox_level", "3 is the strongest.", ("worker",), levels)


PARTS: dict[str, tuple[Callable[[datetime], Iterator[Metric]], ...]] = {
    "database": (runs, lateness, waiting, deliveries),
    "redis": (messages, processes),
}
