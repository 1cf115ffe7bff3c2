"""What the end of a run means for its task, its backfill and those who wait for its result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from common.framework.rows import Rows
from scheduling.execution import Outcome
from scheduling.lifecycle import backfill_progress, failures, follow, result_messages, window_cursor
from scheduling.models import Run, ScheduledTask

# A few of the task's hundred columns, as a run's end is the platform's most frequent write. The others are read when
# they are asked for.
ASKED_AT_END = (
    "tenant is_enabled schedule_type interval_minutes use_windows on_window_failure start_at end_at last_end_time"
    " timezone timeout_seconds retry_count retry_interval retry_backoff retry_on_worker_lost notify_channels"
    " notify_wecom_app alert_webhook alert_on_failure alert_after_failures alert_on_recovery"
    " alert_max_duration_seconds"
)
TASKS = Rows(ScheduledTask, only=ASKED_AT_END.split())


def lock(run: Run) -> ScheduledTask | None:
    """Lock the run's task and backfill, in this order, and return the task; None where it has been deleted."""
    task = TASKS.find(lock=True, pk=run.task_id)
    backfill_progress.lock(run)
    return task


def settle(run: Run, task: ScheduledTask | None, outcome: Outcome, now: datetime, *, was_alone: bool) -> None:
    """Carry out what a run's end means for its task and for those who wait for its result."""
    for step in steps_of(run, task, outcome, now, was_alone=was_alone):
        step()


def steps_of(
    run: Run, task: ScheduledTask | None, outcome: Outcome, now: datetime, *, was_alone: bool
) -> list[Callable[[], object]]:
    """Return the parts of a run's end, of which each stands for itself."""
    steps: list[Callable[[], object]] = [partial(backfill_progress.count_end, run)]
    if task is None:
        return [*steps, partial(follow.let_others_begin, run, now, was_alone=was_alone)]
    steps.append(partial(_update_task, run, task, now, was_alone=was_alone))
    steps.append(partial(result_messages.enqueue, run, task, outcome, now))
    steps.append(partial(result_messages.summarize_backfill, run, task, now))
    # Last, as an alert asks what the failure was before.
    return [*steps, partial(failures.count_failure, run, now)]


def _update_task(run: Run, task: ScheduledTask, now: datetime, *, was_alone: bool) -> None:
    following = window_cursor.columns_after(run, task, now)
    TASKS.update(
        {"pk": task.pk},
        last_run_at=run.started_at or run.finished_at,
        last_run_status=run.status,
        last_run_message=run.error[:2000],
        **following,
    )
    follow.let_others_begin(run, now, was_alone=was_alone, next_run_at=following.get("next_run_at"))
