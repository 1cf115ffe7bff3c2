"""A limit on the runs of one Dify app at a time, over all workers: each run holds a place in Redis."""

from __future__ import annotations

import hashlib
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from redis import RedisError

from common.redis_windows import Leases

logger = logging.getLogger(__name__)
TTL_SECONDS = 60.0  # after which a dead worker's places are free
RENEW_SECONDS = 15.0
# A waiting run looks again for a place that has been given back, but only for a while: it holds a worker's slot.
LOOK_SECONDS, LOOKS = 0.4, 25

Answer = Literal["taken", "full", "unknown"]


def app_of(base_url: str, api_key: str) -> str:
    """Return the app's name in Redis: the same for all tasks with this address and key, and hashed to hide the key."""
    return hashlib.sha256(f"{base_url}\n{api_key}".encode()).hexdigest()


class Places:
    """The places of one process. A thread renews those that are held, so that a silent stream keeps its place."""

    def __init__(self, leases: Leases, limit: int) -> None:
        self.leases, self.limit = leases, limit
        self.held: set[tuple[str, str]] = set()
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    @contextmanager
    def place(
        self, app: str, holder: str, *, is_going_on: bool, wait: Callable[[float], bool] = lambda _: True
    ) -> Iterator[Answer]:
        """Hold a place of the app for the block, and yield whether there was one; `unknown` if Redis does not answer.

        A run that `is_going_on` in Dify takes a place even beyond the limit. `wait` pauses between two looks at a full
        app and returns whether to give up; after LOOKS of them the answer is `full`.
        """
        limit = sys.maxsize if is_going_on else self.limit
        answer = self._take(app, holder, limit)
        for _ in range(LOOKS):
            if answer != "full" or wait(LOOK_SECONDS):
                break
            answer = self._take(app, holder, limit)
        if answer == "full":
            yield answer
            return
        self._hold(app, holder)
        try:
            yield answer
        finally:
            self._give_back(app, holder)

    def renew(self) -> None:
        """Renew all held places, even beyond the limit, so that a Redis that restarted empty has them again.

        Raises RedisError.
        """
        with self.lock:
            held = list(self.held)
        for app, holder in held:
            self.leases.acquire(app, holder, sys.maxsize, TTL_SECONDS)

    def _take(self, app: str, holder: str, limit: int) -> Answer:
        try:
            return "taken" if self.leases.acquire(app, holder, limit, TTL_SECONDS) else "full"
        except RedisError:
            return "unknown"

    def _hold(self, app: str, holder: str) -> None:
        with self.lock:
            self.held.add((app, holder))
            if self.thread is None:
                self.thread = threading.Thread(target=self._renew_for_ever, name="places", daemon=True)
                self.thread.start()

    def _give_back(self, app: str, holder: str) -> None:
        with self.lock:
            self.held.discard((app, holder))
        try:
            self.leases.release(app, holder)
        except RedisError as error:
            logger.warning("A place is free only in %d s: %s", TTL_SECONDS, error)

    def _renew_for_ever(self) -> None:
        pause = threading.Event()
        while not pause.wait(RENEW_SECONDS):
            try:
                self.renew()
            except RedisError as error:
                logger.warning("The places of Dify runs could not be renewed: %s", error)
