"""Counts of the ended runs of each day that is over."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from scheduling.models import Run, RunDay, RunStatus

DAYS = 14  # what the dashboard's chart shows, today included
ENDED = (RunStatus.SUCCESS.value, RunStatus.FAILED.value)


def first_of(now: datetime) -> datetime:
    """Return when the first of the days that are shown began."""
    return midnight(now) - timedelta(days=DAYS - 1)


def midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def recount(now: datetime) -> None:
    """Count the days that are not counted yet, and yesterday again: its last runs may have ended since.

    Older counts are deleted.
    """
    first, today = first_of(now), midnight(now)
    RunDay.objects.filter(date__lt=first.date()).delete()
    counted = set(RunDay.objects.filter(tenant="").values_list("date", flat=True))
    for start in (first + timedelta(days=n) for n in range(DAYS - 1)):
        if start.date() not in counted or start + timedelta(days=1) == today:
            _recount_day(start)


def _recount_day(start: datetime) -> None:
    rows = Run.objects.filter(
        status__in=ENDED, not_before__gte=start, not_before__lt=start + timedelta(days=1)
    )
    numbers: dict[str, dict[str, int]] = defaultdict(dict, {"": {}})
    for tenant, status, number in rows.order_by().values_list("tenant_id", "status").annotate(n=Count("pk")):
        numbers[tenant or ""][status] = number
    with transaction.atomic():
        RunDay.objects.filter(date=start.date()).delete()
        RunDay.objects.bulk_create(
            RunDay(date=start.date(), tenant=tenant, **counts) for tenant, counts in numbers.items()
        )
