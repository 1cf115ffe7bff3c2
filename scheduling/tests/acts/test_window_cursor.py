"""The window cursor is set by an act of its own, which says what that repeats or leaves out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduling.acts import window_cursor
from scheduling.acts.window_cursor import BusyCursorError, CursorRefusedError, Move, StaleCursorError
from scheduling.beat import fire
from scheduling.execution import success
from scheduling.lifecycle import transitions
from scheduling.models import Run, ScheduledTask
from scheduling.schedule.data_windows import Window
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW
from scheduling.worker.claim import claim
from tenants.access import SYSTEM
from tenants.models import AuditEntry

pytestmark = pytest.mark.django_db
TEN = 10 * MINUTE


def move(task: ScheduledTask, start: datetime, **seen: object) -> Move:
    expected = {"seen": task.last_end_time} | seen
    return window_cursor.move(task.pk, start, SYSTEM, NOW, **expected)  # type: ignore[arg-type]


def test_a_move_back_repeats_and_is_due_at_once() -> None:
    task = make.windows_task(last_end_time=NOW)
    done = move(task, NOW - 25 * MINUTE)
    assert (done.repeated, done.left_out, done.count(done.repeated), done.behind) == (
        Window(NOW - 25 * MINUTE, NOW), None, 3, 2,
    )  # fmt: skip
    task.refresh_from_db()
    assert (task.last_end_time, task.next_run_at) == (NOW - 25 * MINUTE, NOW - 15 * MINUTE)
    fire.fire(NOW)
    assert Run.objects.get().window_start == NOW - 25 * MINUTE


def test_a_move_forward_leaves_out() -> None:
    done = move(make.windows_task(last_end_time=NOW - 3 * TEN), NOW)
    assert (done.repeated, done.left_out, done.behind) == (None, Window(NOW - 3 * TEN, NOW), 0)


def test_a_move_is_audited_and_makes_no_version() -> None:
    task = make.windows_task(last_end_time=NOW)
    move(task, NOW - TEN)
    entry = AuditEntry.objects.get(action="move_cursor")
    assert entry.changes == {"last_end_time": [str(NOW), str(NOW - TEN)]}
    assert ScheduledTask.objects.get().version == task.version


@pytest.mark.parametrize(
    "start",
    [NOW + MINUTE, NOW - timedelta(microseconds=1), datetime(1969, 12, 31, tzinfo=UTC)],
    ids=["future", "part of a second", "before 1970"],
)
def test_a_start_that_makes_no_sense_is_refused(start: datetime) -> None:
    task = make.windows_task(last_end_time=NOW)
    with pytest.raises(CursorRefusedError):
        move(task, start)
    task.refresh_from_db()
    assert task.last_end_time == NOW


def test_a_cursor_or_task_that_has_changed_since_it_was_seen_stays() -> None:
    task = make.windows_task(last_end_time=NOW - TEN)
    for seen in ({"seen": NOW}, {"seen": None}, {"version": task.version + 1}):
        with pytest.raises(StaleCursorError):
            move(task, NOW - 2 * TEN, **seen)
    task.refresh_from_db()
    assert task.last_end_time == NOW - TEN


def test_a_window_that_is_out_with_a_run_is_not_moved_away_from_it() -> None:
    task = make.windows_task()
    fire.fire(NOW)
    task.refresh_from_db()
    with pytest.raises(BusyCursorError):
        move(task, NOW)
    found = claim(Run.objects.get().trace_id, "w", NOW)
    assert found is not None
    with pytest.raises(BusyCursorError):
        move(task, NOW)
    transitions.finish(found[0], success(), NOW)
    task.refresh_from_db()
    move(task, NOW - 2 * TEN)


def test_a_task_without_windows_has_no_cursor_to_set() -> None:
    with pytest.raises(BusyCursorError):
        move(make.task(), NOW)
