"""Serves /metrics for Prometheus, the same from every web process: nothing is kept in a process's memory.

What is true now is read from rows, by indexes, and from Redis; what has happened is counted in Redis by all processes
(common/metrics.py). `/metrics/demand` is the JSON by which workers are scaled.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import accumulate

import redis
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from common import metrics as figures
from common import process_registry
from common.metrics import SUM, Field, Histogram
from common.redis_client import client
from notifications import lateness
from notifications.metrics import DELIVERIES, RATE_PAUSES
from notifications.models import Delivery, DeliveryStatus
from scheduling.kinds import KINDS_ON, QUEUE_OF
from scheduling.lifecycle.metrics import DURATION, KIND_LABELS, LATENESS, LOST, RUNS, SANDBOX_STARTS
from scheduling.models import UNFINISHED, Run, RunStatus
from tenants import tokens
from tenants.access import actor_of

OUR_QUEUES = (*KINDS_ON, "notify")
COUNTS = (RUNS, LOST, DELIVERIES, RATE_PAUSES, SANDBOX_STARTS)
HISTOGRAMS = (LATENESS, DURATION)
OPEN = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)


def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Platform())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def demand(request: HttpRequest) -> HttpResponse:
    """Answer {queue: number of due runs or messages that wait or are being worked on}.

    Divided by a worker's slots, the number says how many workers are needed.
    """
    if not may_read(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return JsonResponse(slots_wanted(timezone.now()))


def may_read(request: HttpRequest) -> bool:
    """Return whether the caller has METRICS_TOKEN, or is a superuser by session or API token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return request.user.is_authenticated and request.user.is_superuser
    if settings.METRICS_TOKEN and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    row = tokens.find(token, timezone.now())
    return row is not None and actor_of(row.user, row).everything


class Platform(Collector):
    def collect(self) -> Iterator[Metric]:
        """Yield every metric. A part that can't be read is left out, and `platform_up` says so."""
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
    rows = Run.objects.filter(status__in=UNFINISHED, not_before__lte=now).order_by()
    found = {(status, *kind): 0 for status in UNFINISHED for kind in KIND_LABELS}
    for status, kind, count in rows.values_list("status", "execution_type").annotate(n=Count("pk")):
        found[status, kind] = count
    text = "Runs that are due and have not ended."
    yield gauge("platform_runs_unfinished", text, ("status", "kind"), found.items())


def slots_wanted(now: datetime) -> dict[str, int]:
    """Count, by queue, the due runs and messages that wait or are being worked on."""
    found = dict.fromkeys(OUR_QUEUES, 0)
    rows = Run.objects.filter(status__in=UNFINISHED, not_before__lte=now).order_by()
    for kind, count in rows.values_list("execution_type").annotate(n=Count("pk")):
        found[QUEUE_OF[kind]] += count
    is_due = Q(status=DeliveryStatus.PENDING, next_attempt_at__lte=now) | Q(status=DeliveryStatus.SENDING)
    found["notify"] += Delivery.objects.filter(is_due).count()
    return found


def demands(now: datetime) -> Iterator[Metric]:
    yield _by_queue(
        "platform_queue_demand", "Due runs and messages: waiting, or worked on.", slots_wanted(now)
    )


def waiting(now: datetime) -> Iterator[Metric]:
    """Yield the rows that are not on Redis yet: with its messages they are the depth that workers are scaled by."""
    depth = dict.fromkeys(OUR_QUEUES, 0)
    rows = Run.objects.filter(status=RunStatus.QUEUED, published_at=None, not_before__lte=now).order_by()
    for kind, count in rows.values_list("execution_type").annotate(n=Count("pk")):
        depth[QUEUE_OF[kind]] += count
    due = Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
    depth["notify"] += due.count()
    yield _by_queue("platform_queue_waiting_rows", "Due runs and messages not yet on Redis.", depth)


def messages(now: datetime) -> Iterator[Metric]:
    depth = {queue: int(client().llen(queue)) for queue in sorted(OUR_QUEUES)}
    yield _by_queue("platform_queue_messages", "Messages on Redis that no worker has taken.", depth)


def _by_queue(name: str, text: str, depth: dict[str, int]) -> Metric:
    return gauge(name, text, ("queue",), (((queue,), count) for queue, count in depth.items()))


def deliveries(now: datetime) -> Iterator[Metric]:
    counts = Delivery.objects.filter(status__in=OPEN).order_by().values_list("status").annotate(n=Count("pk"))
    found = dict.fromkeys(OPEN, 0) | dict(counts)
    samples = (((status,), count) for status, count in found.items())
    yield gauge("platform_deliveries_open", "Messages that have not ended.", ("status",), samples)


def outbox(now: datetime) -> Iterator[Metric]:
    since = lateness.stuck_since(now)
    seconds = (now - since).total_seconds() if since else 0.0
    yield gauge(
        "platform_outbox_stuck_seconds", "How long a message is due that nobody sends.", (), [((), seconds)]
    )


def process_counts(now: datetime) -> Iterator[Metric]:
    totals = figures.totals()
    for count in COUNTS:
        yield _count(count, totals)
    for histogram in HISTOGRAMS:
        yield _histogram(histogram, totals)


def _count(count: figures.Count, totals: dict[Field, float]) -> Metric:
    family = CounterMetricFamily(count.name, count.text, labels=count.labels)
    sums: Counter[Field] = Counter(dict.fromkeys(count.known, 0))
    for (name, *values), amount in totals.items():
        if name == count.name:  # an earlier version may have counted with fewer labels
            sums[(*values, *("",) * (len(count.labels) - len(values)))] += amount  # type: ignore[assignment]
    for labels, amount in sorted(sums.items()):
        family.add_metric(labels, amount)
    return family


def _histogram(histogram: Histogram, totals: dict[Field, float]) -> Metric:
    family = HistogramMetricFamily(histogram.name, histogram.text, labels=histogram.labels)
    bounds = [*map(str, histogram.buckets), "+Inf"]
    for values in sorted(
        {*histogram.known, *(field[1:-1] for field in totals if field[0] == histogram.name)}
    ):
        series = (histogram.name, *values)
        sums = accumulate(totals.get((*series, bound), 0) for bound in bounds)
        family.add_metric(values, list(zip(bounds, sums, strict=True)), totals.get((*series, SUM), 0))
    return family


def processes(now: datetime) -> Iterator[Metric]:
    beats, workers = process_registry.living("beat"), process_registry.living("worker")
    ages = (((beat.name,), max(0.0, time.time() - beat.at)) for beat in beats)
    slots = (((w.name, queue), float(w.slots)) for w in workers for queue in w.queues)
    levels = (((w.name,), float(w.sandbox_level)) for w in workers if w.sandbox_level is not None)
    yield gauge("platform_beat_tick_age_seconds", "Since a beat's last tick.", ("beat",), ages)
    yield gauge("platform_worker_slots", "Runs a worker takes at once.", ("worker", "queue"), slots)
    yield gauge("platform_worker_sandbox_level", "3 is the strongest.", ("worker",), levels)


PARTS: dict[str, tuple[Callable[[datetime], Iterator[Metric]], ...]] = {
    "database": (runs, demands, waiting, deliveries, outbox),
    "redis": (messages, processes, process_counts),
}
