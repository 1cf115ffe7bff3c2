"""Runs that somebody asks for: run now, rerun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from common.row_locks import locked
from scheduling.lifecycle import publish_at_once, window_cursor
from scheduling.lifecycle.new_run import new_run
from scheduling.lifecycle.window_cursor import NoWindowError
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
    """Return a queued run; `params` are merged over the task's.

    Without a window a windows task gives it one, see `window_cursor.ask`. Raises IncompleteTaskError, NoWindowError.
    """
    task.require_complete()
    run = new_run(task, trigger, now)
    run.triggered_by, run.waits, run.trace_id = by, True, trace_id or run.trace_id
    run.params = {**task.input_params, **(params or {})}
    with transaction.atomic():
        if window is not None:
            run.window_start, run.window_end = window.start, window.end
        elif task.hands_out_windows:
            current = locked(ScheduledTask.objects.filter(pk=task.pk), skip=False).get()
            window_cursor.ask(run, current, now)
        return _saved(run)


def window_words(run: Run, task: ScheduledTask) -> str:
    """Return which window a run by hand takes, in the reader's language; "" where the task hands out none."""
    if not task.hands_out_windows:
        return ""
    if run.window_start is None or run.window_end is None:
        return _("A run has the window now: this one waits for its end and takes the next.")
    zone = ZoneInfo(task.timezone)
    start, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" for at in (run.window_start, run.window_end))
    if run.moves_cursor:
        text = _(
            "It takes the window from %(start)s to %(end)s; when it succeeds, the next one starts there."
        )
    else:
        text = _("It takes %(start)s to %(end)s; the next window still starts where it did.")
    return text % {"start": start, "end": end}


def no_window_words(error: NoWindowError, task: ScheduledTask) -> str:
    """Return why no window can be given, in the reader's language."""
    at = f"{error.cursor.astimezone(ZoneInfo(task.timezone)):%Y-%m-%d %H:%M:%S}"
    return _("The next window starts at %(start)s: nothing has passed of it yet.") % {"start": at}


def rerun(old: Run, task: ScheduledTask, now: datetime, by: str) -> Run:
    """The same parameters and window again, by the task as it is now. Raises IncompleteTaskError."""
    task.require_complete()
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
    transaction.on_commit(
        lambda: publish_at_once.send(run), robust=True
    )  # Django asks a function for its name
    return run
