"""How the slots of a notify worker are shared, so that no tenant ever holds all of them.

A dead destination holds a slot for 15 s for each try. A tenant takes a further slot only while it holds fewer than are
free: if all its destinations are dead, half of the slots stay for the others, and half of those if a second tenant's
are dead as well. A destination without a slot waits in its tenant's line for the next slot that the tenant gives back.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable


class SlotShares:
    """The slots of one process. If it dies, the sweep finds the destinations that waited in its lines."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.lock = threading.Lock()
        self.held: Counter[str] = Counter()
        self.lines: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def work(self, tenant: str, destination_key: str, act: Callable[[str], object]) -> None:
        """Call `act` for the key and for those that get in line meanwhile, or put it in line if no slot is free.

        A destination that waits in line is acted on by the call, in another thread, that gives the tenant's slot back.
        """
        with self.lock:
            self.lines[tenant][destination_key] = None
        while (next_key := self._next(tenant)) is not None:
            try:
                act(next_key)
            finally:
                self._give_back(tenant)

    def _next(self, tenant: str) -> str | None:
        """Take a slot and return the destination whose turn it is; None where none waits or no slot may be taken."""
        with self.lock:
            line = self.lines[tenant]
            if not line:
                del self.lines[tenant]
                return None
            if self.held[tenant] >= self.slots - self.held.total():
                return None
            self.held[tenant] += 1
            destination_key = next(iter(line))
            del line[destination_key]
            return destination_key

    def _give_back(self, tenant: str) -> None:
        with self.lock:
            self.held[tenant] -= 1
            if not self.held[tenant]:
                del self.held[tenant]
