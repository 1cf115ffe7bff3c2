"""Mends what a crash between two steps has left: beat runs it every few seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduling.beat import fire
from scheduling.models import UNFINISHED, Run, RunStatus, ScheduledTask, ScheduleType
from scheduling.planning.schedules import next_run

UNCLAIMED_FOR = timedelta(seconds=30)


def unclaimed(now: datetime) -> int:
    """Published, but no worker has claimed it in time (a Redis that restarted empty): publish it again.

    A message that was only slow comes twice then; the claim lets one through.
    """
    stale = Run.objects.filter(status=RunStatus.QUEUED, published_at__lt=now - UNCLAIMED_FOR)
    return stale.update(published_at=None)


def stranded_windows(now: datetime) -> int:
    """Interval tasks whose next due time should have been named by a run's end that never came."""
    rows = ScheduledTask.objects.filter(
        is_enabled=True,
        use_windows=True,
        schedule_type=ScheduleType.INTERVAL,
        interval_minutes__gt=0,  # a row edited behind our back stays away from the others
        next_run_at=None,
    ).order_by()
    ids = set(rows.values_list("pk", flat=True))
    # Not NOT EXISTS: MariaDB reads all runs of each task for that.
    going = Run.objects.filter(task_id__in=ids, moves_cursor=True, status__in=UNFINISHED).order_by()
    stranded = rows.filter(pk__in=ids - set(going.values_list("task_id", flat=True))).defer(*fire.SECRETS)
    return sum(
        ScheduledTask.objects.filter(pk=task.pk, next_run_at=None).update(next_run_at=next_run(task, now))
        for task in stranded
    )
