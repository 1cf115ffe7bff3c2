"""The windows of an interval task: [start, end), one after another, without gap or overlap.

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
    """Return where the first window starts: with neither time given, it ends now and runs at once.

    Windows start and end on whole seconds.
    """
    return start_time or last_end_time or now.replace(microsecond=0) - interval


def behind(cursor: datetime, interval: timedelta, now: datetime) -> int:
    """Count the windows that have ended and not succeeded."""
    return max(0, (now - cursor) // interval)


def count_windows(span: Window, interval: timedelta) -> int:
    """Count the windows that it takes to cover the span."""
    return -((span.start - span.end) // interval)


def next_window(cursor: datetime, interval: timedelta, now: datetime, catch_up: CatchUp) -> Window | None:
    """Return the window to run at `now`; None while it has not ended. `merged` makes one of all that have ended."""
    ended = behind(cursor, interval, now)
    if not ended:
        return None
    return Window(cursor, cursor + (ended if catch_up == "merged" else 1) * interval)


def cursor_after(window: Window, succeeded: bool, on_window_failure: OnWindowFailure) -> datetime:
    """Return the cursor once the window's run has ended, after its last attempt."""
    return window.end if succeeded or on_window_failure == "advance" else window.start


def next_window_due(cursor: datetime, interval: timedelta, now: datetime, failed: bool) -> datetime:
    """Return when the window at the cursor runs: at its end, which after downtime is in the past.

    After a failure that held the cursor it is the first end of a window after `now`, so that the window is tried
    again at the next due time and not at once.
    """
    return cursor + (behind(cursor, interval, now) if failed else 0) * interval + interval
