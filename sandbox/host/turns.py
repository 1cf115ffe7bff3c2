"""Turns: which of the waiting callers may have a job done now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.host.errors import GivenUpError, SandboxUnavailableError

_BUSY = "The sandbox is busy. Try again in a moment."
_OVER = "The time limit was over before the sandbox could start."
_LOOK_SECONDS = 0.25  # between two looks at whether a waiting caller still has time


def never() -> bool:
    return False


@dataclass
class _Lane:
    lock: threading.Lock = field(default_factory=threading.Lock)
    callers: int = 0  # callers that wait, and the one whose turn it is


class Turns:
    """Gives turns to `places` callers at a time, one of each lane: the next turn goes to a lane that has none."""

    def __init__(self, places: int, wait_seconds: float) -> None:
        self._places = threading.Semaphore(places)
        self._lanes: dict[str, _Lane] = {}
        self._guard = threading.Lock()
        self._wait_seconds = wait_seconds

    @contextmanager
    def take(
        self, lane: str, max_waiting: int | None = None, is_over: Callable[[], bool] = never
    ) -> Iterator[None]:
        """Wait for a turn and hold it.

        Raises SandboxUnavailableError if none comes in time, or if more than `max_waiting` wait in the lane. While
        there is none, `is_over` is asked whether to give up; GivenUpError is raised if it returns True.
        """
        until = time.monotonic() + self._wait_seconds
        with (
            self._in_lane(lane, max_waiting) as lock,
            _held(lock, until, is_over),
            _held(self._places, until, is_over),
        ):
            yield

    @contextmanager
    def _in_lane(self, name: str, max_waiting: int | None) -> Iterator[threading.Lock]:
        with self._guard:
            lane = self._lanes.setdefault(name, _Lane())
            if max_waiting is not None and lane.callers > max_waiting:
                raise SandboxUnavailableError(_BUSY)
            lane.callers += 1
        try:
            yield lane.lock
        finally:
            with self._guard:
                lane.callers -= 1
                if not lane.callers:
                    del self._lanes[name]


@contextmanager
def _held(
    lock: threading.Lock | threading.Semaphore, until: float, is_over: Callable[[], bool]
) -> Iterator[None]:
    while not lock.acquire(timeout=max(0.0, min(_LOOK_SECONDS, until - time.monotonic()))):
        if is_over():
            raise GivenUpError(_OVER)
        if time.monotonic() >= until:
            raise SandboxUnavailableError(_BUSY)
    try:
        yield
    finally:
        lock.release()
