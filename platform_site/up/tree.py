"""All running services: they live together and end together."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import TracebackType

from platform_site.up import guard
from platform_site.up.process import Process
from platform_site.up.services import Service

LOOK_SECONDS = 0.2
# Together under the 15 s in which everything is gone. Workers wait 8 s for running tasks (SOFT_SHUTDOWN_SECONDS).
SERVICES_SECONDS, REDIS_SECONDS, KILL_SECONDS = 10.0, 2.0, 0.5


class StopRequestedError(Exception):
    """Ctrl-C or a signal asks the platform to stop."""


class ServiceDiedError(Exception):
    pass


class NeverReadyError(Exception):
    pass


class Tree:
    """A context that holds the running services; leaving it ends everything.

    Signals wait until `until` or `for_ever` looks. A second one changes nothing: make hands a terminal's Ctrl-C on to
    us, on top of our own.
    """

    def __init__(self, lock: int) -> None:
        self.lock = lock
        self.ending = {signal.SIGINT, signal.SIGTERM}
        if (
            signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
        ):  # nohup ignores it; if we blocked it, it would reach us
            self.ending.add(signal.SIGHUP)
        self.processes: list[Process] = []

    def __enter__(self) -> Tree:
        signal.pthread_sigmask(signal.SIG_BLOCK, self.ending | {signal.SIGCHLD})
        guard.adopt_orphans()  # those of a guard that somebody kills
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        """End all services; those that depend on Redis end before Redis does."""
        _end([p for p in self.processes if not p.ends_last], SERVICES_SECONDS)
        _end([p for p in self.processes if p.ends_last], REDIS_SECONDS)
        guard.kill_descendants()

    def start(self, service: Service) -> None:
        self.processes.append(Process(service, self.lock))

    def until(self, done: Callable[[], str], seconds: float) -> None:
        """Wait until `done` returns "" instead of what is missing.

        Raises StopRequestedError, ServiceDiedError, NeverReadyError.
        """
        patience_ends = time.monotonic() + seconds
        while missing := done():
            if time.monotonic() > patience_ends:
                raise NeverReadyError(f"not ready after {seconds:.0f} s: {missing}")
            self._look()

    def for_ever(self) -> None:
        while True:
            self._look()

    def _look(self) -> None:
        """Sleep until a signal or a moment later. Raises StopRequestedError, ServiceDiedError."""
        got = signal.sigtimedwait(self.ending | {signal.SIGCHLD}, LOOK_SECONDS)
        if got and got.si_signo in self.ending:
            raise StopRequestedError
        for process in self.processes:
            if process.ended():
                raise ServiceDiedError(process.obituary())


def _end(processes: list[Process], seconds: float) -> None:
    for process in processes:
        process.terminate()
    if not _gone(processes, seconds):
        for process in processes:
            process.kill()
        _gone(processes, KILL_SECONDS)


def _gone(processes: list[Process], seconds: float) -> bool:
    patience_ends = time.monotonic() + seconds
    while not all(process.ended() for process in processes):
        if time.monotonic() > patience_ends:
            return False
        time.sleep(0.05)
    return True
