"""A share of each queue's slots is kept free of any one tenant, as long as there are others.

A slot is not taken away from what runs, so one for the others has to be free beforehand: else a tenant whose runs take
long holds all slots, and everybody else's webhooks wait for them. A tenant that is alone may use all slots.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from common import process_registry
from scheduling.models import ScheduledTask

GOOD_FOR_SECONDS = 5.0


def max_of_one(slots: int) -> int:
    """Return how many of a queue's slots one tenant may hold while there are others."""
    return max(1, slots - max(1, slots // 8))


class Shares:
    """What one process knows of the slots and the tenants, read again every few seconds."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[float, int | None]] = {}  # by queue; "" for all of them

    def max_of_tenant(self, queue: str) -> int | None:
        """Return how many runs one tenant may have going on this queue, None for no limit. Raises redis.RedisError."""
        return self._kept(
            queue, lambda: max_of_one(process_registry.slots(queue)) if _are_several() else None
        )

    def slots(self) -> int:
        """Return how many runs all living workers can take at once. Raises redis.RedisError."""
        return self._kept("", process_registry.all_slots) or 0

    def _kept(self, key: str, ask: Callable[[], int | None]) -> int | None:
        asked_at, number = self.known.get(key, (float("-inf"), None))
        if time.monotonic() - asked_at > GOOD_FOR_SECONDS:
            number = ask()
            self.known[key] = (time.monotonic(), number)
        return number


SHARES = Shares()


def _are_several() -> bool:
    """Return whether more than one tenant has tasks; global tasks count as a tenant's.

    Both ends of an index are read: there may be many tasks.
    """
    codes = ScheduledTask.objects.order_by("tenant_id").values_list("tenant_id", flat=True)
    return codes.first() != codes.last()
