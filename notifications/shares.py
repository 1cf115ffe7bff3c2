"""Which robots a notify worker writes to at once: one tenant never holds all of its slots.

A dead destination holds a slot for 15 s for each try. A tenant takes a further slot only while it holds fewer than are
free: half of them stay for the others when all its destinations are dead, and of that half again half when a second
tenant's are, too. What it may not take yet waits in its line, for the next slot that the tenant gives back.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable


class Shares:
    """Of one process with so many `slots`. A line that dies with the process is found again by the sweep."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.lock = threading.Lock()
        self.held: Counter[str] = Counter()
        self.lines: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def work(self, tenant: str, robot: str, act: Callable[[str], object]) -> None:
        """`act` on the robot and on those that have got in line meanwhile; or put it in line."""
        with self.lock:
            self.lines[tenant][robot] = None
        while (mine := self._next(tenant)) is not None:
            try:
                act(mine)
            finally:
                self._give_back(tenant)

    def _next(self, tenant: str) -> str | None:
        """The robot whose turn it is, with a slot for it."""
        with self.lock:
            line = self.lines[tenant]
            if not line:
                del self.lines[tenant]
                return None
            if self.held[tenant] >= self.slots - self.held.total():
                return None
            self.held[tenant] += 1
            robot = next(iter(line))
            del line[robot]
            return robot

    def _give_back(self, tenant: str) -> None:
        with self.lock:
            self.held[tenant] -= 1
            if not self.held[tenant]:
                del self.held[tenant]
