"""Long polling: a call for live lines may wait a little while for something to report.

Each call that waits holds one of the web process's 16 threads, so few may wait at once (with `common.concurrency` half
of them): a further one is answered at once and asks again. Server-sent events would hold a thread for as long as
somebody looks at a page.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic, sleep
from typing import TypeVar

T = TypeVar("T")

MAX_SECONDS = 5  # less than the 8 s that an ending web process gives its calls
LOOK_SECONDS = 0.5
MAX_WAITING = 3

_places = BoundedSemaphore(MAX_WAITING)


def until(tells: Callable[[T], bool], look: Callable[[], T], seconds: float) -> T:
    """Return what `look` last found, once `tells` accepts it or the seconds are over.

    It returns at once where too many calls are waiting.
    """
    found = look()
    if tells(found) or seconds <= 0 or not _places.acquire(blocking=False):
        return found
    try:
        end = monotonic() + seconds
        while not tells(found) and monotonic() < end:
            sleep(LOOK_SECONDS)
            found = look()
        return found
    finally:
        _places.release()
