"""Checks whether the default Dify task's Dify would run it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError
from django.utils import timezone

from platform_site.doctor.finding import Finding, ok, warning
from scheduling.acts.dify_connection import check_task_connection
from scheduling.models import ScheduledTask


def findings() -> Iterator[Finding]:
    try:
        task = ScheduledTask.objects.filter(is_default=True).first()
    except DatabaseError:
        return  # the check of the database reports it
    if task is not None and task.dify_url:
        yield default_task_answers(task)


def default_task_answers(task: ScheduledTask) -> Finding:
    """Ask the task's Dify whether it would run it.

    A Dify that refuses or is away is a warning only, no problem of the platform: other tasks run all the same.
    """
    found = check_task_connection(task, timezone.now())
    if found.detail:
        hint = "Correct the task's address, key or parameters, or fix the network."
        return warning("dify", f"the default task's Dify: {found.detail}", hint)
    return ok("dify", f"the default task's app {found.app_name!r} answers")
