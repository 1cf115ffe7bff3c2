"""Windows: contiguous, one at a time, held or advanced on failure, caught up in order."""

from datetime import datetime, timedelta

import pytest

from scheduling.acts import runs
from scheduling.beat import fire
from scheduling.execution import Outcome, failed, success
from scheduling.lifecycle import transitions
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import Run, ScheduledTask
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.data_windows import Window
from scheduling.schedule.due import next_due
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, release
from scheduling.worker.claim import begin, claim
from testing.actors import ANN

pytestmark = pytest.mark.django_db
TEN = 10 * MINUTE


def carry_out(task: ScheduledTask, outcome: Outcome, now: datetime) -> Run:
    """Fires, claims and finishes the one run that is queued."""
    fire.fire(now)
    run = Run.objects.get(task=task, status="queued")
    found = claim(run.trace_id, "w", now)
    assert found is not None
    begin(*found, now)
    transitions.finish(found[0], outcome, now)
    task.refresh_from_db()
    return found[0]


def window(run: Run) -> tuple[datetime | None, datetime | None]:
    return run.window_start, run.window_end


def test_without_a_start_time_the_first_window_ends_now() -> None:
    task = make.windows_task()
    run = carry_out(task, success(), NOW)
    assert window(run) == (NOW - TEN, NOW)
    assert run.due_at == NOW


def test_each_window_starts_where_the_last_successful_one_ended() -> None:
    task = make.windows_task()
    carry_out(task, success(), NOW)
    assert task.next_run_at == NOW + TEN
    assert fire.fire(NOW + TEN - MINUTE) == 0
    assert window(carry_out(task, success(), NOW + TEN)) == (NOW, NOW + TEN)


def test_the_next_window_waits_for_the_one_before() -> None:
    task = make.windows_task()
    fire.fire(NOW)
    fire.fire(NOW + 3 * TEN)
    assert Run.objects.filter(task=task).count() == 1


def test_missed_windows_are_caught_up_in_order() -> None:
    task = make.windows_task()
    carry_out(task, success(), NOW)
    later = NOW + 3 * TEN + MINUTE
    windows = [window(carry_out(task, success(), later)) for _ in range(3)]
    assert windows == [(NOW + n * TEN, NOW + (n + 1) * TEN) for n in range(3)]
    assert task.next_run_at == NOW + 4 * TEN


def test_merged_catch_up_makes_one_window_of_them() -> None:
    task = make.windows_task(catch_up="merged")
    carry_out(task, success(), NOW)
    assert window(carry_out(task, success(), NOW + 3 * TEN + MINUTE)) == (NOW, NOW + 3 * TEN)


def test_a_failed_window_holds_the_cursor_and_is_tried_at_the_next_due_time() -> None:
    task = make.windows_task()
    carry_out(task, failed("http_status", "no"), NOW)
    assert task.next_run_at == NOW + TEN
    again = carry_out(task, success(), NOW + TEN)
    assert window(again) == (NOW - TEN, NOW)
    assert task.last_end_time == NOW
    assert window(carry_out(task, success(), NOW + TEN)) == (NOW, NOW + TEN)


def test_advance_goes_on_with_the_next_window() -> None:
    task = make.windows_task(on_window_failure="advance")
    carry_out(task, failed("http_status", "no"), NOW)
    assert task.last_end_time == NOW


def test_a_run_by_hand_takes_the_next_window_that_has_ended_and_moves_the_cursor() -> None:
    task = make.windows_task(last_end_time=NOW - 3 * TEN)
    runs.run_now(task, ANN, NOW + MINUTE)
    run = carry_out(task, success(), NOW + MINUTE)
    assert window(run) == (NOW - 3 * TEN, NOW - 2 * TEN)
    assert (task.last_end_time, task.next_run_at) == (NOW - 2 * TEN, NOW - TEN)


def test_a_run_by_hand_never_takes_a_window_that_has_not_ended() -> None:
    task = make.windows_task(last_end_time=NOW)
    asked = runs.run_now(task, ANN, NOW + MINUTE + timedelta(microseconds=1))
    assert (window(asked), asked.moves_cursor) == ((NOW, NOW + MINUTE), False)
    run = carry_out(task, success(), NOW + 2 * MINUTE)
    assert window(run) == (NOW, NOW + MINUTE)
    assert (task.last_end_time, task.next_run_at) == (NOW, NOW + TEN)
    assert window(carry_out(task, success(), NOW + TEN)) == (NOW, NOW + TEN)


def test_a_run_by_hand_gets_no_window_of_which_nothing_has_passed() -> None:
    for cursor in (NOW, NOW + MINUTE):
        task = make.windows_task(last_end_time=cursor)
        with pytest.raises(NoWindowError):
            runs.run_now(task, ANN, NOW + timedelta(milliseconds=900))
    assert not Run.objects.exists()


def waited() -> tuple[ScheduledTask, Run]:
    """A run by hand that has waited for the one before, which had the only whole window and has ended."""
    task = make.windows_task(last_end_time=NOW - TEN)
    fire.fire(NOW)
    asked = runs.run_now(task, ANN, NOW)
    going = claim(Run.objects.earliest("pk").trace_id, "w", NOW)
    assert going is not None
    transitions.finish(going[0], success(), NOW)
    return task, asked


def test_a_run_by_hand_that_waited_gets_what_is_the_next_window_by_then() -> None:
    task = make.windows_task(last_end_time=NOW - 2 * TEN)
    fire.fire(NOW)
    asked = runs.run_now(task, ANN, NOW)
    assert (window(asked), asked.moves_cursor) == ((None, None), True)
    going = claim(Run.objects.earliest("pk").trace_id, "w", NOW)
    assert going is not None
    read_before = claim(asked.trace_id, "w", NOW)
    assert read_before is None
    transitions.finish(going[0], success(), NOW)
    assert window(carry_out(task, success(), NOW)) == (NOW - TEN, NOW)
    assert (task.last_end_time, task.next_run_at) == (NOW, NOW + TEN)


def test_a_run_by_hand_that_waited_and_finds_no_whole_window_leaves_the_schedule_going() -> None:
    task, asked = waited()
    fire.fire(NOW + MINUTE)
    found = claim(asked.trace_id, "w", NOW + MINUTE)
    assert found is not None
    begin(*found, NOW + MINUTE)
    assert (window(found[0]), found[0].moves_cursor) == ((NOW, NOW + MINUTE), False)
    task.refresh_from_db()
    assert task.next_run_at == NOW + TEN


def test_a_run_by_hand_that_waited_for_nothing_says_so() -> None:
    task, asked = waited()
    found = claim(asked.trace_id, "w", NOW)
    assert found is not None
    with pytest.raises(NoWindowError, match="no data to request yet"):
        begin(*found, NOW)
    task.refresh_from_db()
    assert (task.last_end_time, task.next_run_at) == (NOW, NOW + TEN)


def test_a_run_by_hand_that_waited_needs_no_window_of_a_task_that_hands_out_none_any_more() -> None:
    task, asked = waited()
    ScheduledTask.objects.filter(pk=task.pk).update(use_windows=False, interval_minutes=None)
    found = claim(asked.trace_id, "w", NOW)
    assert found is not None
    begin(*found, NOW)
    assert (window(found[0]), found[0].moves_cursor) == ((None, None), False)


def test_a_windows_ends_are_whole_seconds_in_the_row_too() -> None:
    at = NOW + timedelta(microseconds=781_509)
    for run in (
        carry_out(make.windows_task(at), success(), at),
        runs.run_now(make.windows_task(at), ANN, at),
    ):
        assert window(run) == (NOW - TEN, NOW)


def test_a_run_by_hand_with_its_own_window_leaves_the_cursor() -> None:
    task = make.windows_task(last_end_time=NOW)
    runs.run_now(task, ANN, NOW, window=Window(NOW - TEN, NOW))
    carry_out(task, success(), NOW)
    assert task.last_end_time == NOW


def test_a_rerun_never_moves_the_cursor() -> None:
    task = make.windows_task()
    old = carry_out(task, success(), NOW)
    runs.rerun(old, ANN, NOW)
    again = carry_out(task, success(), NOW)
    assert window(again) == window(old)
    assert task.last_end_time == NOW


def test_a_new_start_time_wins_over_the_run_under_way() -> None:
    task = make.windows_task()
    fire.fire(NOW)
    ScheduledTask.objects.filter(pk=task.pk).update(last_end_time=NOW - 6 * TEN)
    carry_out(task, success(), NOW)
    assert task.last_end_time == NOW - 6 * TEN


def test_a_canceled_window_is_held() -> None:
    task = make.windows_task()
    fire.fire(NOW)
    transitions.cancel(Run.objects.get(task=task), NOW, "ann")
    task.refresh_from_db()
    assert (task.last_end_time, task.next_run_at) == (NOW - TEN, NOW + TEN)


def test_no_window_is_handed_out_before_the_task_is_valid() -> None:
    task = make.windows_task(start_at=NOW + TEN)
    assert task.next_run_at == NOW + TEN
    assert fire.fire(NOW + TEN - MINUTE) == 0
    assert window(carry_out(task, success(), NOW + TEN)) == (NOW, NOW + TEN)


def test_windows_from_before_it_is_valid_wait_and_are_caught_up() -> None:
    task = make.windows_task(start_at=NOW + TEN, last_end_time=NOW - TEN)
    assert task.next_run_at == NOW + TEN
    windows = [window(carry_out(task, success(), NOW + TEN)) for _ in range(2)]
    assert windows == [(NOW - TEN, NOW), (NOW, NOW + TEN)]


@pytest.mark.parametrize("catch_up", ["each", "merged"])
def test_the_last_window_ends_with_the_tasks_validity(catch_up: str) -> None:
    task = make.windows_task(end_at=NOW + 2 * TEN + MINUTE, last_end_time=NOW, catch_up=catch_up)
    later = NOW + 9 * TEN
    while fire.fire(later):
        carry_out(task, success(), later)
    ends = [run.window_end for run in Run.objects.filter(task=task).order_by("pk")]
    assert ends == ([NOW + TEN, NOW + 2 * TEN] if catch_up == "each" else [NOW + 2 * TEN])
    task.refresh_from_db()
    assert (task.last_end_time, task.next_run_at) == (NOW + 2 * TEN, None)


def test_a_calendar_and_a_spread_leave_no_gap_between_windows() -> None:
    task = make.windows_task(calendar="cn_holiday", spread_seconds=86_400, last_end_time=NOW)
    assert next_due(schedule_of(task), NOW) == task.next_run_at == NOW + TEN
    assert window(carry_out(task, success(), NOW + TEN)) == (NOW, NOW + TEN)


def test_windows_run_one_at_a_time_also_where_the_task_would_allow_overlap() -> None:
    """A window of one's own, too: a rerun beside the run under way would read the same data."""
    task = make.windows_task(overlap_policy="allow", last_end_time=NOW - TEN)
    fire.fire(NOW)
    first = Run.objects.get(task=task)
    beside = runs.run_now(task, ANN, NOW, window=Window(NOW - 2 * TEN, NOW - TEN))
    assert claim(first.trace_id, "w", NOW) is not None
    assert claim(beside.trace_id, "w", NOW) is None
    release(NOW)
    beside.refresh_from_db()
    assert (beside.status, beside.published_at) == ("queued", None)
