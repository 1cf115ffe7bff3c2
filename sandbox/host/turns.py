"""Turns: which of the waiting callers may have a job done now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sandbox.host.errors import GivenUpError, SandboxUnavailableError

_BUSY = "The sandbox is busy. Try again in a moment."
_OVER = "The time limit was over before the sandbox could start."
_LOOK_SECONDS = 0.25  # between two looks at whether a waiting caller still has time


def never() -> bool:
    return False


class Turns:
    """Gives turns to `places` callers at a time, one of each lane, in the order in which they came."""

    def __init__(self, places: int, wait_seconds: float) -> None:
        self._places, self._wait_seconds = places, wait_seconds
        self._waiting: list[tuple[str, threading.Event]] = []  # lane and turn, first come first
        self._busy: set[str] = set()  # lanes that have a turn
        self._guard = threading.Lock()

    @contextmanager
    def take(
        self, lane: str, max_waiting: int | None = None, is_over: Callable[[], bool] = never
    ) -> Iterator[None]:
        """Wait for a turn and hold it.

        Raises SandboxUnavailableError if none comes in time, or if more than `max_waiting` wait in the lane. While
        there is none, `is_over` is asked whether to give up; GivenUpError is raised if it returns True.
        """
        turn = threading.Event()
        with self._guard:
            if max_waiting is not None and self._callers(lane) > max_waiting:
                raise SandboxUnavailableError(_BUSY)
            self._waiting.append((lane, turn))
            self._give_turns()
        try:
            self._wait(turn, is_over)
            yield
        finally:
            with self._guard:
                if turn.is_set():
                    self._busy.remove(lane)
                else:
                    self._waiting.remove((lane, turn))
                self._give_turns()

    def _wait(self, turn: threading.Event, is_over: Callable[[], bool]) -> None:
        until = time.monotonic() + self._wait_seconds
        while not turn.wait(max(0.0, min(_LOOK_SECONDS, until - time.monotonic()))):
            if is_over():
                raise GivenUpError(_OVER)
            if time.monotonic() >= until:
                raise SandboxUnavailableError(_BUSY)

    def _callers(self, lane: str) -> int:
        """Count the callers that wait in the lane, and the one whose turn it is."""
        return (lane in self._busy) + sum(one == lane for one, _ in self._waiting)

    def _give_turns(self) -> None:
        for lane, turn in [*self._waiting]:
            if len(self._busy) < self._places and lane not in self._busy:
                self._waiting.remove((lane, turn))
                self._busy.add(lane)
                turn.set()
