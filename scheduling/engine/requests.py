"""Runs that somebody asks for: run now, rerun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from scheduling.engine import at_once
from scheduling.engine.new import new_run
from scheduling.models import Run, ScheduledTask, Trigger
from scheduling.schedule.windows import Window


def run_now(
    task: ScheduledTask,
    now: datetime,
    by: str,
    *,
    trigger: Trigger = Trigger.API,
    params: Mapping[str, Any] | None = None,
    window: Window | None = None,
    trace_id: str = "",
) -> Run:
    """A queued run; `params` are merged over the task's. Without a window a windows task takes the cursor's."""
    run = new_run(task, trigger, now)
    run.triggered_by, run.waits, run.trace_id = by, True, trace_id or run.trace_id
    run.params = {**task.input_params, **(params or {})}
    run.moves_cursor = task.hands_out_windows and window is None
    if window is not None:
        run.window_start, run.window_end = window.start, window.end
    return _saved(run)


def rerun(old: Run, task: ScheduledTask, now: datetime, by: str) -> Run:
    """The same parameters and window again, by the task as it is now."""
    run = new_run(task, Trigger.RERUN, now)
    run.triggered_by, run.waits = by, True
    run.params, run.window_start, run.window_end, run.due_at = (
        old.params,
        old.window_start,
        old.window_end,
        old.due_at,
    )
    return _saved(run)


def _saved(run: Run) -> Run:
    run.save()
    transaction.on_commit(partial(at_once.send, run), robust=True)
    return run
