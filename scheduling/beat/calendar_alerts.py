"""Alerts, before a year begins, that its official days are not known: until then they are a guess."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext

from notifications import alert_marks, alerts
from notifications.facts import RunFacts
from scheduling.models import BasedOn, ScheduledTask
from scheduling.planning import calendars
from scheduling.schedule.calendars import unconfirmed_years

LOOK_AHEAD = timedelta(days=31)  # the State Council's notice comes in November


@dataclass(frozen=True)
class MissingYear:
    """A year of a calendar whose days are not confirmed. `tasks`: how many fire by the calendar."""

    tenant_id: str | None
    calendar: str
    year: int
    tasks: int


def send_alerts(now: datetime) -> None:
    """Send an alert for each year whose days are missing, once.

    It goes to the tenant's alert address, else to the platform's.
    """
    for gap in missing_years(now):
        address = alerts.owner_address(gap.tenant_id)
        subject = f"calendar:{gap.tenant_id or ''}:{gap.calendar}:{gap.year}"
        with transaction.atomic():
            if address and alert_marks.claim_alert(subject, "calendar_missing", now, alert_marks.FOR_EVER):
                alerts.enqueue("calendar_missing", _facts(gap), address, now)


def missing_years(now: datetime) -> Iterator[MissingYear]:
    """Yield the unconfirmed years of calendars that enabled tasks fire by.

    They are this year and, from a month before it begins, the next.
    """
    years = {timezone.localtime(now).year, timezone.localtime(now + LOOK_AHEAD).year}
    used = ScheduledTask.objects.filter(is_enabled=True).exclude(calendar="").order_by()
    for row in used.values("tenant_id", "calendar").annotate(tasks=Count("pk")):
        tenant_id = cast(str | None, row["tenant_id"])  # to the stubs every foreign key is a number
        calendar = calendars.find(tenant_id, row["calendar"])
        for year in unconfirmed_years(calendar, years) if calendar else ():
            yield MissingYear(tenant_id, row["calendar"], year, row["tasks"])


def _facts(gap: MissingYear) -> RunFacts:
    error = gettext(
        "The official days off of %(year)d are not confirmed: %(tasks)d tasks use estimated days."
    )
    return RunFacts(
        task_name=f"{_name(gap.calendar)} {gap.year}",
        tenant_id=gap.tenant_id,
        error=error % {"year": gap.year, "tasks": gap.tasks},
    )


def _name(calendar: str) -> str:
    return str(dict(BasedOn.choices).get(calendar, calendar))
