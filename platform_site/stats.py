"""Numbers of the platform, for the tenants that the asker sees. Each is one query by an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from notifications.models import Delivery, DeliveryStatus
from scheduling.models import ExecutionType, Run, RunStatus, ScheduledTask, Trigger
from tenants.access import Actor, visible_to

DAYS = 14
HOURS = 24
COMING = timedelta(hours=24)


@dataclass(frozen=True)
class Day:
    """One local day."""

    date: datetime
    success: int = 0
    failed: int = 0
    missed: int = 0
    skipped: int = 0
    canceled: int = 0


@dataclass(frozen=True)
class Today:
    total: int
    success: int
    failed: int
    running: int
    queued: int
    skipped: int
    missed: int
    canceled: int


def today(who: Actor, now: datetime) -> Today:
    rows = _runs(who).filter(status__in=RunStatus.values, not_before__gte=_midnight(now), not_before__lte=now)
    counts = dict(rows.values_list("status").annotate(n=Count("pk")).order_by())
    return Today(total=sum(counts.values()), **{status: counts.get(status, 0) for status in RunStatus.values})


def daily(who: Actor, now: datetime) -> list[Day]:
    """The last 14 local days, the oldest first."""
    starts = [_midnight(now) - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    return [Day(start, **_ended(who, start, start + timedelta(days=1))) for start in starts]


def _ended(who: Actor, since: datetime, until: datetime) -> dict[str, int]:
    rows = _runs(who).filter(status__in=ENDED, not_before__gte=since, not_before__lt=until)
    return dict(rows.values_list("status").annotate(n=Count("pk")))


ENDED = tuple(field.name for field in fields(Day) if field.name != "date")


def success_rate(days: list[Day]) -> float | None:
    """Of the runs that came to an end, in percent; None where there was none."""
    success, failed = sum(day.success for day in days), sum(day.failed for day in days)
    return 100 * success / (success + failed) if success + failed else None


def queue_depth(who: Actor, now: datetime) -> dict[str, int]:
    """Runs that could start now by kind, and messages to be sent as `notify`."""
    waiting = _runs(who).filter(status=RunStatus.QUEUED, not_before__lte=now)
    counts = dict(waiting.values_list("execution_type").annotate(n=Count("pk")).order_by())
    letters = visible_to(
        Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now), who
    )
    return {kind: counts.get(kind, 0) for kind in ExecutionType.values} | {"notify": letters.count()}


def lateness(
    who: Actor, now: datetime, percentiles: Sequence[int], since: datetime | None = None
) -> list[int | None]:
    """Milliseconds from the due time to the first start, of the latest 1,000 scheduled runs: `since`, else today's."""
    return _lateness(who, since or _midnight(now), now, percentiles, 1000)


def _lateness(
    who: Actor, since: datetime, until: datetime, percentiles: Sequence[int], most: int
) -> list[int | None]:
    rows = _runs(who).filter(
        due_at__gte=since,
        due_at__lt=until,
        trigger=Trigger.SCHEDULE,
        first_started_at__isnull=False,
    )
    times = rows.order_by("-due_at").values_list("due_at", "first_started_at")[:most]
    late = sorted(
        round((started - due) / timedelta(milliseconds=1)) for due, started in times if started and due
    )
    return [late[(len(late) - 1) * percentile // 100] if late else None for percentile in percentiles]


@dataclass(frozen=True)
class Hour:
    """How late the runs that were due in it began, in milliseconds; None where there was none."""

    begin: datetime
    p50: int | None
    p99: int | None


def hourly_lateness(who: Actor, now: datetime) -> list[Hour]:
    """The last 24 hours by the clock, the oldest first; of each the latest 200 runs."""
    last = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    begins = [last - timedelta(hours=n) for n in range(HOURS - 1, -1, -1)]
    return [
        Hour(begin, *_lateness(who, begin, begin + timedelta(hours=1), (50, 99), 200)) for begin in begins
    ]


def coming(who: Actor, now: datetime, limit: int) -> list[ScheduledTask]:
    rows = ScheduledTask.objects.filter(
        is_enabled=True, next_run_at__isnull=False, next_run_at__lte=now + COMING
    )
    return list(visible_to(rows, who).order_by("next_run_at")[:limit])


def failures(who: Actor, now: datetime, limit: int) -> list[Run]:
    """The latest of a week."""
    rows = _runs(who).filter(status=RunStatus.FAILED, not_before__gte=now - timedelta(days=7))
    return list(rows.defer("output", "result", "params").order_by("-not_before")[:limit])


def _runs(who: Actor) -> QuerySet[Run]:
    return visible_to(Run.objects.order_by(), who)


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
