from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.schedule.data_windows import (
    CatchUp,
    OnWindowFailure,
    Window,
    behind,
    cursor_after,
    first_cursor,
    next_window,
    next_window_due,
)
from scheduling.tests.schedule.brute_force import instant

QUARTER = timedelta(minutes=15)
NINE = instant(2026, 3, 2, 9)
intervals = st.timedeltas(timedelta(minutes=1), timedelta(days=2))
lags = st.timedeltas(timedelta(0), timedelta(days=20))


def test_a_start_time_begins_the_first_window() -> None:
    assert first_cursor(NINE, NINE - QUARTER, QUARTER, NINE) == NINE


def test_without_start_time_the_last_end_begins_it() -> None:
    assert first_cursor(None, NINE - QUARTER, QUARTER, NINE) == NINE - QUARTER


def test_with_neither_the_first_window_ends_now() -> None:
    cursor = first_cursor(None, None, QUARTER, NINE)
    assert next_window(cursor, QUARTER, NINE, "each") == Window(NINE - QUARTER, NINE)


def test_a_window_runs_no_sooner_than_it_has_ended() -> None:
    tick = timedelta.resolution
    assert next_window(NINE, QUARTER, NINE + QUARTER - tick, "each") is None
    assert next_window(NINE, QUARTER, NINE + QUARTER, "each") == Window(NINE, NINE + QUARTER)


def test_a_start_time_to_come_waits_for_its_first_window() -> None:
    assert next_window(NINE, QUARTER, NINE - timedelta(days=1), "merged") is None
    assert behind(NINE, QUARTER, NINE - timedelta(days=1)) == 0
    assert next_window_due(NINE, QUARTER, NINE - timedelta(days=1), failed=False) == NINE + QUARTER


@given(intervals, lags)
def test_each_catches_up_window_by_window_without_gap_or_overlap(interval: timedelta, lag: timedelta) -> None:
    now = NINE + lag
    windows = caught_up(NINE, interval, now, "each")
    assert len(windows) == behind(NINE, interval, now)
    assert all(window.end - window.start == interval for window in windows)
    assert all(before.end == after.start for before, after in pairwise(windows))
    assert [window.start for window in windows[:1]] == [NINE][: len(windows)]


@given(intervals, lags)
def test_merged_catches_up_in_one_window_with_the_same_end(interval: timedelta, lag: timedelta) -> None:
    now = NINE + lag
    each, merged = caught_up(NINE, interval, now, "each"), caught_up(NINE, interval, now, "merged")
    assert merged == [Window(each[0].start, each[-1].end)] if each else merged == []


def caught_up(cursor: datetime, interval: timedelta, now: datetime, catch_up: CatchUp) -> list[Window]:
    windows = []
    while window := next_window(cursor, interval, now, catch_up):
        windows.append(window)
        cursor = cursor_after(window, True, "hold")
    return windows


@pytest.mark.parametrize(
    ("succeeded", "on_window_failure", "cursor"),
    [
        (True, "hold", NINE + QUARTER),
        (True, "advance", NINE + QUARTER),
        (False, "hold", NINE),
        (False, "advance", NINE + QUARTER),
    ],
)
def test_only_a_failure_that_holds_keeps_the_cursor(
    succeeded: bool, on_window_failure: OnWindowFailure, cursor: datetime
) -> None:
    assert cursor_after(Window(NINE, NINE + QUARTER), succeeded, on_window_failure) == cursor


def test_a_window_missed_in_downtime_is_due_at_once() -> None:
    assert next_window_due(NINE, QUARTER, NINE + 5 * QUARTER, failed=False) == NINE + QUARTER


def test_a_failed_window_is_tried_again_at_the_next_due_time() -> None:
    failed_at = NINE + QUARTER + timedelta(seconds=40)
    due_at = next_window_due(NINE, QUARTER, failed_at, failed=True)
    assert due_at == NINE + 2 * QUARTER
    assert next_window(NINE, QUARTER, due_at, "each") == Window(NINE, NINE + QUARTER)
    assert next_window(NINE, QUARTER, due_at, "merged") == Window(NINE, NINE + 2 * QUARTER)


@given(intervals, lags)
def test_the_next_try_lies_ahead_and_at_most_one_interval_away(interval: timedelta, lag: timedelta) -> None:
    now = NINE + lag
    assert now < next_window_due(NINE, interval, now, failed=True) <= now + interval
