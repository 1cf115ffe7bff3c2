"""Numbers of the platform, for the tenants that the caller sees. Each is one query by an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from notifications.models import Delivery, DeliveryStatus
from scheduling.beat.daily_counts import DAYS, ENDED, first_of, midnight
from scheduling.kinds import KINDS
from scheduling.models import Run, RunDay, RunStatus, ScheduledTask, Trigger
from tenants.access import Actor, visible_to

COMING_WITHIN = timedelta(hours=24)
HOURS = 24
HOUR = timedelta(hours=1) - timedelta(microseconds=1)  # ends just before the next one


@dataclass(frozen=True)
class Day:
    """One local day."""

    date: datetime
    success: int
    failed: int


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
    rows = _runs(who).filter(status__in=RunStatus.values, not_before__gte=midnight(now), not_before__lte=now)
    counts = dict(rows.values_list("status").annotate(n=Count("pk")).order_by())
    return Today(total=sum(counts.values()), **{status: counts.get(status, 0) for status in RunStatus.values})


def daily(who: Actor, now: datetime) -> list[Day]:
    """Return the last 14 local days, the oldest first.

    Days that are over come from their stored counts; a day without one is counted now.
    """
    days = {day.date.date(): day for day in _stored_days(who, now)}
    starts = [first_of(now) + timedelta(days=n) for n in range(DAYS)]
    days |= {
        day.date.date(): day for day in _days_counted_now(who, [s for s in starts if s.date() not in days])
    }
    return [days[start.date()] for start in starts]


def _stored_days(who: Actor, now: datetime) -> list[Day]:
    rows = RunDay.objects.filter(date__gte=first_of(now).date(), date__lt=midnight(now).date())
    own = Q() if who.everything else Q(tenant__in=list(who.roles))
    if not who.everything:
        rows = rows.filter(tenant__in=["", *who.roles])  # rows of "" show which days are counted
    zone = timezone.get_current_timezone()
    return [
        Day(datetime.combine(row["date"], time.min, zone), row["success"], row["failed"])
        for row in rows.values("date")
        .order_by()
        .annotate(success=Sum("success", filter=own, default=0), failed=Sum("failed", filter=own, default=0))
    ]


def _days_counted_now(who: Actor, starts: list[datetime]) -> list[Day]:
    days = {
        f"{status}_{n}": Count(
            "pk", filter=Q(status=status, not_before__gte=start, not_before__lt=start + timedelta(days=1))
        )
        for n, start in enumerate(starts)
        for status in ENDED
    }
    counts = _runs(who).filter(status__in=ENDED, not_before__gte=starts[0]).aggregate(**days)
    return [Day(start, counts[f"success_{n}"], counts[f"failed_{n}"]) for n, start in enumerate(starts)]


def success_rate(days: list[Day]) -> float | None:
    """Return the share of success among the runs that succeeded or failed, in percent; None where there was none."""
    success, failed = sum(day.success for day in days), sum(day.failed for day in days)
    return 100 * success / (success + failed) if success + failed else None


def queue_depth(who: Actor, now: datetime) -> dict[str, int]:
    """Count the runs that could start now, by kind, and the messages that could be sent, as `notify`."""
    waiting = _runs(who).filter(status=RunStatus.QUEUED, not_before__lte=now)
    counts = dict(waiting.values_list("execution_type").annotate(n=Count("pk")).order_by())
    deliveries = visible_to(
        Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now), who
    )
    return {kind: counts.get(kind, 0) for kind in KINDS} | {"notify": deliveries.count()}


@dataclass(frozen=True)
class LongestWaiting:
    """What has waited longest of all that could start or be sent now; None where nothing waits."""

    run: Run | None
    delivery: Delivery | None


def longest_waiting(who: Actor, now: datetime) -> LongestWaiting:
    waiting = _runs(who).filter(status=RunStatus.QUEUED, not_before__lte=now).order_by("not_before", "id")
    pending = Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
    return LongestWaiting(
        waiting.only("not_before").first(),
        visible_to(pending, who).order_by("next_attempt_at", "id").only("next_attempt_at").first(),
    )


def busy_slots() -> dict[str, int]:
    """Count the runs that each worker executes, by the worker's name."""
    rows = Run.objects.filter(status=RunStatus.RUNNING).order_by().values_list("worker")
    busy: Counter[str] = Counter()
    for process, count in rows.annotate(n=Count("pk")):
        busy[process.rpartition(":")[0]] += count
    return dict(busy)


def lateness(
    who: Actor, now: datetime, percentiles: Sequence[int], since: datetime | None = None, max_runs: int = 1000
) -> list[int | None]:
    """Return percentiles of the milliseconds from the due time to the first start; None where there was no run.

    Counted are the latest `max_runs` scheduled runs that were due since `since`, else today.
    """
    rows = _runs(who).filter(
        due_at__gte=since or midnight(now),
        due_at__lte=now,
        trigger=Trigger.SCHEDULE,
        first_started_at__isnull=False,
    )
    times = rows.order_by("-due_at").values_list("due_at", "first_started_at")[:max_runs]
    late = sorted(
        round((started - due) / timedelta(milliseconds=1)) for due, started in times if started and due
    )
    return [late[(len(late) - 1) * percentile // 100] if late else None for percentile in percentiles]


@dataclass(frozen=True)
class Hour:
    """How late the runs that were due in one hour began, in milliseconds; None where there was none."""

    begin: datetime
    p50: int | None
    p99: int | None


def hourly_lateness(who: Actor, now: datetime) -> list[Hour]:
    """Return the last 24 hours by the clock, the oldest first, each by its latest 200 runs."""
    last = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    # In UTC: arithmetic on local times follows the face of the clock, which may show an hour twice or skip one.
    begins = [last.astimezone(UTC) - timedelta(hours=n) for n in range(HOURS - 1, -1, -1)]
    return [
        Hour(timezone.localtime(begin), *lateness(who, begin + HOUR, (50, 99), begin, 200))
        for begin in begins
    ]


UNDONE = (RunStatus.MISSED.value, RunStatus.SKIPPED.value, RunStatus.CANCELED.value)


def without_end(who: Actor, days: list[Day]) -> list[dict[str, int]]:
    """Count, for each of the days, the runs that no rate counts, by status."""
    return [dict.fromkeys(UNDONE, 0) | _undone(who, day.date) for day in days]


def _undone(who: Actor, day: datetime) -> dict[str, int]:
    until = day + timedelta(days=1)
    rows = _runs(who).filter(status__in=UNDONE, not_before__gte=day, not_before__lt=until)
    return dict(rows.values_list("status").annotate(n=Count("pk")))


def coming(who: Actor, now: datetime, limit: int) -> list[ScheduledTask]:
    rows = ScheduledTask.objects.filter(
        is_enabled=True, next_run_at__isnull=False, next_run_at__lte=now + COMING_WITHIN
    )
    return list(visible_to(rows, who).order_by("next_run_at")[:limit])


def failures(who: Actor, now: datetime, limit: int) -> QuerySet[Run]:
    """Return the latest failed runs of the last 7 days, without their long columns."""
    rows = _runs(who).filter(status=RunStatus.FAILED, not_before__gte=now - timedelta(days=7))
    return rows.defer("output", "result", "params").order_by("-not_before")[:limit]


def _runs(who: Actor) -> QuerySet[Run]:
    return visible_to(Run.objects.order_by(), who)
