"""What people ask of runs: run now, run again, cancel. Each act owns its transaction and its audit row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from common.row_locks import locked
from scheduling.lifecycle import publish_at_once, transitions, window_cursor
from scheduling.lifecycle.new_run import new_run
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import Run, ScheduledTask, Trigger
from scheduling.schedule.data_windows import Window
from tenants import audit
from tenants.access import Actor


class InvalidWindowError(Exception):
    """No run can have this window; the message says why, in the reader's language. `field` is `start` or `end`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def window_between(start: datetime | None, end: datetime | None, now: datetime) -> Window | None:
    """Return the window that somebody names for a run, None where neither time is given.

    Raises InvalidWindowError.
    """
    if start is None and end is None:
        return None
    if start is None or end is None:
        missing = "start" if start is None else "end"
        raise InvalidWindowError(missing, _("A window needs both a start and an end."))
    if start >= end:
        raise InvalidWindowError("end", _("The window's end must be after its start."))
    if end > now:
        raise InvalidWindowError("end", _("The window must not end in the future."))
    return Window(start, end)


class TaskDeletedError(Exception):
    """The run's task is gone: there is nothing to run it again by."""

    def __init__(self) -> None:
        super().__init__(_("The task has been deleted."))


def run_now(
    task: ScheduledTask,
    actor: Actor,
    now: datetime,
    *,
    trigger: Trigger | None = None,
    params: Mapping[str, Any] | None = None,
    replace_params: bool = False,
    window: Window | None = None,
    trace_id: str = "",
) -> Run:
    """Queue a run of the task, even if it is disabled.

    `params` are merged over the task's; with `replace_params` they stand in their place.
    `trigger`: None means a person's own request, by a token or by hand. Without a `window` a windows task gives the run
    one, see `window_cursor.request_window`. Raises IncompleteTaskError, NoWindowError.
    """
    task.require_complete()
    run = _requested_run(task, trigger or (Trigger.API if actor.token_prefix else Trigger.MANUAL), actor, now)
    own = {} if replace_params else task.input_params
    run.params, run.trace_id = {**own, **(params or {})}, trace_id or run.trace_id
    with transaction.atomic():
        if window is not None:
            run.window_start, run.window_end = window.start, window.end
        elif task.hands_out_windows:
            current = locked(ScheduledTask.objects.filter(pk=task.pk), skip=False).get()
            window_cursor.request_window(run, current, now)
        return _save(run, "run", task, actor)


def rerun(old: Run, actor: Actor, now: datetime) -> Run:
    """Queue a run with the same parameters and window, by the task as it is now.

    Raises TaskDeletedError, IncompleteTaskError.
    """
    task = ScheduledTask.objects.filter(pk=old.task_id).first()
    if task is None:
        raise TaskDeletedError
    task.require_complete()
    run = _requested_run(task, Trigger.RERUN, actor, now)
    run.params, run.due_at = old.params, old.due_at
    run.window_start, run.window_end = old.window_start, old.window_end
    with transaction.atomic():
        return _save(run, "rerun", old, actor)


def cancel(run: Run, actor: Actor, now: datetime) -> bool:
    """End a queued run at once, and ask a running one to end. Return False where it has already ended."""
    with transaction.atomic():
        is_canceled = transitions.cancel(run, now, actor.username)
        if is_canceled:
            audit.record(actor, "cancel", run)
    return is_canceled


def _requested_run(task: ScheduledTask, trigger: Trigger, actor: Actor, now: datetime) -> Run:
    run = new_run(task, trigger, now)
    run.triggered_by, run.waits = actor.username, True
    return run


def _save(run: Run, action: str, of: ScheduledTask | Run, actor: Actor) -> Run:
    publish_at_once.mark(run)
    run.save()
    audit.record(actor, action, of, {"log_id": run.pk})
    # A lambda, not a partial: Django logs the callback's name where it fails.
    transaction.on_commit(lambda: publish_at_once.send(run), robust=True)
    return run


def window_text(run: Run, task: ScheduledTask) -> str:
    """Return which window a manual run takes, in the reader's language; "" where the task hands out none."""
    if not task.hands_out_windows:
        return ""
    if run.window_start is None or run.window_end is None:
        return _(
            "Another run is using the current window: this run waits for it to end and then takes "
            "the next window."
        )
    zone = ZoneInfo(task.timezone)
    start, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" for at in (run.window_start, run.window_end))
    if run.moves_cursor:
        text = _(
            "This run takes the window from %(start)s to %(end)s; when it succeeds, the next window "
            "starts at its end."
        )
    else:
        text = _(
            "This run takes the data from %(start)s to %(end)s; the start of the next window does not change."
        )
    return text % {"start": start, "end": end}


def no_window_text(error: NoWindowError) -> str:
    """Return why no window can be given, in the reader's language."""
    at = f"{error.cursor:%Y-%m-%d %H:%M:%S}"
    return _("The next window starts at %(start)s: there is no data to request yet.") % {"start": at}
