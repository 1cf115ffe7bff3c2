"""Links to the task of a run or a backfill. A deleted task's rows stay: then there is nothing to link to."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from scheduling.models import Backfill, FailureGroup, Run, ScheduledTask

RowOfTask = Run | Backfill | FailureGroup


def with_tasks(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Fetch the tasks of all rows of a page in one more query. A join would leave rows of deleted tasks out."""
    return rows.prefetch_related(
        Prefetch("task", ScheduledTask.objects.only("task_name", "timezone", "retry_count"))
    )


def task_of(row: RowOfTask) -> ScheduledTask | None:
    try:
        return row.task
    except ObjectDoesNotExist:
        return None


def zone_of(row: RowOfTask) -> str:
    """Return the task's zone, "" where the task is deleted."""
    task = task_of(row)
    return task.timezone if task else ""


def task_link(row: RowOfTask, name: str = "") -> str:
    """Return a link to the task. `name` is what the task was called when the row was made."""
    task = task_of(row)
    if task is None:
        return gettext("%(name)s (deleted)") % {"name": name or f"#{row.task_id}"}
    url = reverse("admin:scheduling_scheduledtask_overview", args=[task.pk])
    return format_html('<a class="link" href="{}">{}</a>', url, name or task.task_name)
