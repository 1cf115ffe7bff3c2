"""What happens to tasks whose schedule changes: what they owe by the old one is noted, what was written ahead deleted.

1. `write_owed_runs` with the tasks locked, before the change: no due time up to now is lost.
2. The change itself.
3. `drop_rows_ahead`, and a new `next_run_at`: beat writes rows anew for what is still due.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from scheduling.beat import arrears, fire
from scheduling.models import Run, RunStatus, ScheduledTask


def write_owed_runs(tasks: Sequence[ScheduledTask], now: datetime) -> None:
    """Write down what locked tasks owe up to now, before they are changed or deleted."""
    for task in tasks:
        if _has_a_window_due(task, now):
            fire.write_due_runs([task], now, now)
    arrears.note_arrears(tasks, now)


def _has_a_window_due(task: ScheduledTask, now: datetime) -> bool:
    at = task.next_run_at
    return task.is_enabled and task.hands_out_windows and at is not None and at <= now


def drop_rows_ahead(task_ids: Collection[int], now: datetime) -> None:
    """Delete the rows of future due times."""
    rows = Run.objects.filter(
        task_id__in=task_ids, status=RunStatus.QUEUED, fire_at__gt=now, published_at=None
    )
    rows.delete()
