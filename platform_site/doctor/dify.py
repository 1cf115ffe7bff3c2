"""The first seed's default task: would its Dify run it?"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError
from django.utils import timezone

from platform_site.doctor.finding import Finding, ok, warning
from scheduling.acts.dify_connection import connection_of
from scheduling.models import ScheduledTask


def findings() -> Iterator[Finding]:
    try:
        task = ScheduledTask.objects.filter(is_default=True).first()
    except DatabaseError:
        return  # said of the database already
    if task is not None and task.dify_url:
        yield reached(task)


def reached(task: ScheduledTask) -> Finding:
    """Refused or away: other tasks run all the same, so no problem of the platform."""
    found = connection_of(task, timezone.now())
    if found.detail:
        hint = "Correct the task's address, key or parameters, or the network."
        return warning("dify", f"the default task's Dify: {found.detail}", hint)
    return ok("dify", f"the default task's app {found.app_name!r} answers")
