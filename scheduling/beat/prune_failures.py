"""Failures that have not happened for long are deleted, and of the others the counts of days that no page shows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from common.row_locks import locked
from scheduling.beat.daily_counts import first_of
from scheduling.lifecycle.failures import day_of
from scheduling.models import FailureGroup


def prune_failures(now: datetime, keep_days: int) -> None:
    """Delete the groups that have not grown for `keep_days`, what people have decided about them included."""
    FailureGroup.objects.filter(last_at__lt=now - timedelta(days=keep_days)).delete()
    first = day_of(first_of(now))
    for fingerprint, days in FailureGroup.objects.values_list("pk", "days").iterator():
        if min(days, default=first) < first:
            _drop_days(fingerprint, first)


def _drop_days(fingerprint: str, first: str) -> None:
    with transaction.atomic():
        group = locked(FailureGroup.objects.filter(pk=fingerprint), skip=False).first()
        if group is not None:
            group.days = {day: count for day, count in group.days.items() if day >= first}
            group.save(update_fields=["days"])
