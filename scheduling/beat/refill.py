"""Refilling of queues between beat's ticks: little is published ahead, so it may be gone long before the next tick."""

from __future__ import annotations

import time
from collections.abc import Collection

from common import process_registry
from common.redis_client import client
from scheduling.kinds import KINDS_ON
from scheduling.lifecycle import wake

LOOK_SECONDS = 0.01


def busy() -> set[str]:
    """Return the queues with more than a message for each slot. Raises redis.RedisError."""
    return {queue for queue in KINDS_ON if not _is_nearly_empty(queue, process_registry.slots(queue))}


def wait(seconds: float, queues: Collection[str]) -> set[str]:
    """Return which of the queues are nearly empty, as soon as one is; none after `seconds`, or when beat is woken.

    Raises redis.RedisError.
    """
    give_up = time.monotonic() + seconds
    slots = {queue: process_registry.slots(queue) for queue in queues}
    while (left := give_up - time.monotonic()) > 0:
        if low := {queue for queue in queues if _is_nearly_empty(queue, slots[queue])}:
            return low
        if wake.wait(min(left, LOOK_SECONDS) if queues else left):
            return set()
    return set()


def _is_nearly_empty(queue: str, slots: int) -> bool:
    """Return whether at most one message for each slot is left, beside those that the workers have taken ahead."""
    return bool(client().llen(queue) <= slots)
