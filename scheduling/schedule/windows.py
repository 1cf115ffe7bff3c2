"""The windows of an interval task: [start, end) one after another, without gap or overlap.

The *cursor* is where the next window starts: the end of the last one that succeeded (`last_end_time`).
A window's due time is its end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

CatchUp = Literal["each", "merged"]
OnWindowFailure = Literal["hold", "advance"]


@dataclass(frozen=True)
class Window:
    start: datetime
    end: datetime


def first_cursor(
    start_time: datetime | None, last_end_time: datetime | None, interval: timedelta, now: datetime
) -> datetime:
    """Where a task that is started begins: with neither time, its first window ends now and runs at once.

    A window's ends are whole seconds.
    """
    return start_time or last_end_time or now.replace(microsecond=0) - interval


def behind(cursor: datetime, interval: timedelta, now: datetime) -> int:
    """How many windows have ended and not succeeded."""
    return max(0, (now - cursor) // interval)


def count_windows(span: Window, interval: timedelta) -> int:
    """How many windows it takes to cover the span."""
    return -((span.start - span.end) // interval)


def next_window(cursor: datetime, interval: timedelta, now: datetime, catch_up: CatchUp) -> Window | None:
    """The window to run at `now`; None while it hasn't ended. `merged` makes one of all that have ended."""
    ended = behind(cursor, interval, now)
    if not ended:
        return None
    return Window(cursor, cursor + (ended if catch_up == "merged" else 1) * interval)


def cursor_after(window: Window, succeeded: bool, on_window_failure: OnWindowFailure) -> datetime:
    """The cursor once the window's run has ended, after its last attempt."""
    return window.end if succeeded or on_window_failure == "advance" else window.start


def next_window_due(cursor: datetime, interval: timedelta, now: datetime, failed: bool) -> datetime:
    """When the window at the cursor runs: its end, which after downtime lies in the past.

    After a failure that held the cursor: the first end of a window after `now`, so that the window is tried
    again at the next due time and not at once.
    """
    return cursor + (behind(cursor, interval, now) if failed else 0) * interval + interval
