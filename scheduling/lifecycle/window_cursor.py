"""The window cursor of an interval task: which data interval a run gets, and what its end does to the next one.

`last_end_time` is the cursor. Each window starts there; only the success of a run that `moves_cursor` (or its failure,
where the task says `advance`) sets it to the window's end. There is one such run at a time: while one is unfinished,
the task has no `next_run_at`; the run's end sets it.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from django.db import transaction

from common.row_locks import locked
from scheduling.lifecycle.new_run import new_run
from scheduling.models import UNFINISHED, Run, RunStatus, ScheduledTask, Trigger
from scheduling.planning.schedules import interval_of, next_run, within_validity
from scheduling.schedule.data_windows import (
    CatchUp,
    OnWindowFailure,
    Window,
    cursor_after,
    first_cursor,
    next_window,
    next_window_due,
)


def next_due_run(task: ScheduledTask, now: datetime) -> list[Run]:
    """Return the run of the next window that is over, or no run. Sets `task.next_run_at`, which the caller saves."""
    if Run.objects.filter(task=task, moves_cursor=True, status__in=UNFINISHED).exists():
        task.next_run_at = None
        return []
    cursor = _current_cursor(task, now)
    window = _next_complete_window(task, cursor, now)
    if window is None:
        task.next_run_at = within_validity(task, cursor + interval_of(task))
        return []
    task.next_run_at = None
    return [_run(task, window)]


def postpone(task: ScheduledTask, now: datetime) -> list[Run]:
    """Return no run now, and look again after an interval; the cursor stays, so that no window is lost."""
    task.next_run_at = now + interval_of(task)
    return []


def _current_cursor(task: ScheduledTask, now: datetime) -> datetime:
    """Return the task's cursor, which is stored at its first use.

    A first window that fails must be tried again, not one that begins later.
    """
    if task.last_end_time is None:
        task.last_end_time = first_cursor(None, None, interval_of(task), now)
        ScheduledTask.objects.filter(pk=task.pk).update(last_end_time=task.last_end_time)
    return task.last_end_time


def _run(task: ScheduledTask, window: Window) -> Run:
    """Return the window's unsaved run.

    A held window fires again: its due time is taken by then, and the lock on the task is the fence instead.
    """
    again = Run.objects.filter(task=task, fire_at=window.end).exists()
    run = new_run(task, Trigger.SCHEDULE, window.end)
    run.due_at, run.fire_at = window.end, None if again else window.end
    run.window_start, run.window_end = window.start, window.end
    run.moves_cursor = run.waits = True
    return run


def _next_complete_window(task: ScheduledTask, cursor: datetime, now: datetime) -> Window | None:
    return next_window(cursor, interval_of(task), _window_limit(task, now), cast(CatchUp, task.catch_up))


def _window_limit(task: ScheduledTask, now: datetime) -> datetime:
    return now if task.end_at is None else min(now, task.end_at)


class NoWindowError(Exception):
    """Nothing has passed since `cursor`, where the next window starts; it is in the task's time zone."""

    def __init__(self, cursor: datetime) -> None:
        super().__init__(f"The next window starts at {cursor.isoformat()}: there is no data to request yet.")
        self.cursor = cursor


def request_window(run: Run, task: ScheduledTask, now: datetime) -> None:
    """Give an unsaved manual run its window; the task is locked. Raises NoWindowError.

    - Where a window is over, the run gets the next one, and its success moves the cursor.
    - Where none is over, it gets what has passed of the next one, and the cursor stays.
    - While another run has the window, it gets none yet: `take_window` gives it one.
    """
    if Run.objects.filter(task=task, moves_cursor=True, status__in=UNFINISHED).exists():
        run.moves_cursor = True
    else:
        _give_window(run, task, now)


def take_window(run: Run, task: ScheduledTask, now: datetime) -> None:
    """Give a claimed manual run the window that it has waited for. Raises NoWindowError."""
    if not run.moves_cursor or run.window_start is not None:
        return
    with transaction.atomic():  # the task is read again: the run before may have ended since
        current = locked(ScheduledTask.objects.filter(pk=task.pk), skip=False).first()
        if current is None or not current.hands_out_windows:  # it has been changed meanwhile
            run.moves_cursor = False
            run.save(update_fields=["moves_cursor"])
            return
        moves_cursor = _give_window(run, current, now)
        run.save(update_fields=["window_start", "window_end", "moves_cursor"])
        if not moves_cursor:  # this run's end will not set it
            ScheduledTask.objects.filter(pk=task.pk).update(next_run_at=next_run(current, now))


def _give_window(run: Run, task: ScheduledTask, now: datetime) -> bool:
    """Give the run its window. Return whether its success moves the cursor."""
    cursor, until = _current_cursor(task, now), _window_limit(task, now).replace(microsecond=0)
    window = _next_complete_window(task, cursor, now)
    if window is None and until <= cursor:
        raise NoWindowError(cursor.astimezone(ZoneInfo(task.timezone)))
    run.moves_cursor = window is not None
    run.window_start, run.window_end = (window.start, window.end) if window else (cursor, until)
    return run.moves_cursor


def columns_after(run: Run, task: ScheduledTask, now: datetime) -> dict[str, datetime | None]:
    """Return the locked task's `last_end_time` and `next_run_at` after the end of a run that moves the cursor.

    For other runs it returns nothing. The cursor moves only if it stands where the run's window starts: a start that
    was set meanwhile wins over a run under way.
    """
    if not run.moves_cursor or not task.hands_out_windows:
        return {}
    start, end = run.window_start, run.window_end
    if start is not None and end is not None and task.last_end_time == start:
        task.last_end_time = cursor_after(
            Window(start, end), run.status == RunStatus.SUCCESS, _on_failure(task)
        )
    held = task.last_end_time == start
    at = next_window_due(_current_cursor(task, now), interval_of(task), now, failed=held)
    next_run_at = within_validity(task, at) if task.is_enabled else None
    return {"last_end_time": task.last_end_time, "next_run_at": next_run_at}


def _on_failure(task: ScheduledTask) -> OnWindowFailure:
    return cast(OnWindowFailure, task.on_window_failure)
