"""Repairs of what a crash between two steps has left: beat does them every few seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduling.models import SECRET_COLUMNS, UNFINISHED, Run, RunStatus, ScheduledTask, ScheduleType
from scheduling.planning.schedules import next_run

UNCLAIMED_AFTER = timedelta(seconds=30)


def unpublish_unclaimed(now: datetime) -> int:
    """Mark runs that no worker has claimed in time as not published, so that they are published again. Return how many.

    That happens where Redis has restarted empty. A message that was only slow comes twice then; the claim lets one
    through.
    """
    stale = Run.objects.filter(status=RunStatus.QUEUED, published_at__lt=now - UNCLAIMED_AFTER)
    return stale.update(published_at=None)


def free_stranded_windows(now: datetime) -> int:
    """Set the next due time of interval tasks where the end of a run should have set it, and never came.

    Return how many.
    """
    rows = ScheduledTask.objects.filter(
        is_enabled=True,
        use_windows=True,
        schedule_type=ScheduleType.INTERVAL,
        interval_minutes__gt=0,  # a row edited behind our back must not stop the others
        next_run_at=None,
    ).order_by()
    ids = set(rows.values_list("pk", flat=True))
    # This is not a NOT EXISTS, for which MariaDB reads all runs of each task.
    going = Run.objects.filter(task_id__in=ids, moves_cursor=True, status__in=UNFINISHED).order_by()
    stranded = rows.filter(pk__in=ids - set(going.values_list("task_id", flat=True))).defer(*SECRET_COLUMNS)
    return sum(
        ScheduledTask.objects.filter(pk=task.pk, next_run_at=None).update(next_run_at=next_run(task, now))
        for task in stranded
    )
