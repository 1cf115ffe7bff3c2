"""Checks whether there is a year in which tasks fire by a guess at its official days."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError
from django.utils import timezone

from platform_site.doctor.finding import Finding, ok, warning
from scheduling.beat import calendar_alerts


def findings() -> Iterator[Finding]:
    """Report what the alerts report: unconfirmed days of this year and, from a month before it begins, the next."""
    try:
        missing = list(calendar_alerts.missing_years(timezone.now()))
    except DatabaseError:
        return  # the check of the database reports it
    for gap in missing:
        owner = f" of {gap.tenant_id}" if gap.tenant_id else ""
        yield warning(
            "calendars",
            f"{gap.tasks} tasks{owner} use {gap.calendar}, whose days of {gap.year} are not confirmed",
            "Open the calendar in the admin, correct the days of the year, and confirm it.",
        )
    if not missing:
        yield ok("calendars", "the official days of all calendars in use are confirmed")
