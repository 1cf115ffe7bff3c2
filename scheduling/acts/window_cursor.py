"""The start of a task's next window, set by a person: an act of its own, which saving a task never does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from common.row_locks import locked
from common.rules import MOMENT
from scheduling.acts.task_rules import reader_language
from scheduling.models import UNFINISHED, Run, ScheduledTask
from scheduling.planning.schedules import interval_of, next_run
from scheduling.schedule.data_windows import Window, behind, count_windows
from scheduling.schedule.errors import ScheduleError
from tenants import audit
from tenants.access import Actor


class CursorRefusedError(Exception):
    """The next window can't start at this time."""


class BusyCursorError(Exception):
    """A run that has a window has not ended, or the task hands out no windows."""


class StaleCursorError(Exception):
    """The cursor or the task has changed since the caller saw it."""


@dataclass(frozen=True)
class Move:
    """What it means that the next window starts at `to` instead of `was`, where None means that none has ever started.

    `behind`: how many windows have ended from `to` on.
    """

    was: datetime | None
    to: datetime
    interval: timedelta
    behind: int

    @property
    def repeated(self) -> Window | None:
        return Window(self.to, self.was) if self.was is not None and self.to < self.was else None

    @property
    def left_out(self) -> Window | None:
        return Window(self.was, self.to) if self.was is not None and self.was < self.to else None

    def count(self, span: Window | None) -> int:
        """Return how many windows the span holds, counting a part of one as one."""
        return count_windows(span, self.interval) if span else 0


def plan(task: ScheduledTask, start: datetime, now: datetime) -> Move:
    """Return what a move would do, and move nothing. Raises BusyCursorError, CursorRefusedError."""
    _require_idle(task)
    if start.microsecond:
        raise CursorRefusedError(_("Write whole seconds."))
    if start > now:
        raise CursorRefusedError(_("The next window can't start in the future."))
    if text := MOMENT.problem_with(start):
        raise CursorRefusedError(text)
    try:
        interval = interval_of(task)
    except ScheduleError as error:
        raise CursorRefusedError(error.text(reader_language())) from error
    return Move(task.last_end_time, start, interval, behind(start, interval, now))


def _require_idle(task: ScheduledTask) -> None:
    if not task.hands_out_windows:
        raise BusyCursorError(_("The task does not use data windows."))
    run = Run.objects.filter(task=task, moves_cursor=True, status__in=UNFINISHED).order_by("pk").first()
    if run is not None:
        text = _("Run %(id)d is using the window and has not ended: cancel it first, or wait for it to end.")
        raise BusyCursorError(text % {"id": run.pk})


def move(
    task_id: int,
    start: datetime,
    actor: Actor,
    now: datetime,
    *,
    seen: datetime | None,
    version: int | None = None,
) -> Move:
    """Set where the next window starts, if cursor and version are still as the caller has seen them.

    Raises StaleCursorError, BusyCursorError, CursorRefusedError, ScheduledTask.DoesNotExist; then nothing has changed.
    """
    with transaction.atomic():
        task = locked(ScheduledTask.objects.filter(pk=task_id), skip=False).get()
        if task.last_end_time != seen or version not in (None, task.version):
            raise StaleCursorError
        planned = plan(task, start, now)
        set_cursor(task, start, actor, now)
    return planned


def set_cursor(task: ScheduledTask, start: datetime, actor: Actor, now: datetime) -> None:
    """Set the locked task's cursor; a window's run under way no longer moves it."""
    was, task.last_end_time = task.last_end_time, start
    task.next_run_at = next_run(task, now)
    task.save(update_fields=["last_end_time", "next_run_at"])
    audit.record(
        actor, "move_cursor", task, audit.difference({"last_end_time": was}, {"last_end_time": start})
    )
