"""One exchange: how long it may still take, and the switch that ends it from another thread."""

import threading
import time
from collections.abc import Callable

from .errors import CanceledError, DeadlineExceededError, HttpError, ReadTimeoutError

MAX_LOOKUPS = 64


class CancelSwitch:
    """A switch that any thread may throw at any time; it ends the current waits (DNS, connect, TLS, read).

    Several threads may make calls with one switch: each arms it for its own wait. `lookups` limits the look-ups of
    names that are under way for all of them: one that nobody waits for any more goes on, on a thread of its own.
    """

    def __init__(self) -> None:
        self.lookups = threading.BoundedSemaphore(MAX_LOOKUPS)
        self._lock = threading.Lock()
        self._canceled = threading.Event()
        self._interrupts: dict[int, Callable[[], None]] = {}

    @property
    def is_canceled(self) -> bool:
        return self._canceled.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait between two calls, until the switch is thrown at the latest. Return whether it was thrown."""
        return self._canceled.wait(seconds)

    def cancel(self) -> None:
        # The interrupt runs under the lock: disarm() then returns only when no other thread can still touch
        # the socket, whose number the system gives to the next one opened.
        with self._lock:
            self._canceled.set()
            for interrupt in self._interrupts.values():
                interrupt()

    def arm(self, interrupt: Callable[[], None]) -> None:
        """Set what the switch does for this thread when it is thrown, in place of what the thread had set before.

        `interrupt` must make the coming wait return. Raises CanceledError if the switch was thrown already.
        """
        with self._lock:
            if self.is_canceled:
                raise CanceledError("canceled")
            self._interrupts[threading.get_ident()] = interrupt

    def disarm(self) -> None:
        with self._lock:
            self._interrupts.pop(threading.get_ident(), None)


class Countdown:
    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left, never negative."""
        return max(0.0, self._ends_at - time.monotonic())


class Call:
    """One exchange's limits and switch. `read_seconds` may be changed between two reads."""

    def __init__(self, total_seconds: float, read_seconds: float, switch: CancelSwitch) -> None:
        self.countdown = Countdown(total_seconds)
        self.read_seconds = read_seconds
        self.switch = switch

    def time_left(self) -> float:
        left = self.countdown.left()
        if not left:
            raise DeadlineExceededError("the time limit of the request is over")
        return left

    def timed_out(self) -> HttpError:
        if self.switch.is_canceled:
            return CanceledError("canceled")
        if not self.countdown.left():
            return DeadlineExceededError("the time limit of the request is over")
        return ReadTimeoutError(f"no byte for {self.read_seconds:g} s")
