"""Little is put ahead for the workers, so it may be gone long before the next tick: beat looks again then."""

from __future__ import annotations

import time

from common.redis_client import client
from scheduling.engine import presence
from scheduling.engine.publish import KINDS

LOOK_SECONDS = 0.01


def wait(seconds: float, filled: set[str]) -> bool:
    """Whether a queue is nearly empty that was not, or has just been `filled`; after `seconds`: False.

    Raises redis.RedisError.
    """
    give_up = time.monotonic() + seconds
    slots = {queue: presence.slots(queue) for queue in KINDS}
    watched = {queue for queue in slots if queue in filled or not _is_nearly_empty(queue, slots[queue])}
    while watched and (left := give_up - time.monotonic()) > 0:
        if any(_is_nearly_empty(queue, slots[queue]) for queue in watched):
            return True
        time.sleep(min(left, LOOK_SECONDS))
    time.sleep(max(0.0, give_up - time.monotonic()))
    return False


def _is_nearly_empty(queue: str, slots: int) -> bool:
    """A message for each slot is left, beside those that the workers have taken ahead."""
    return bool(client().llen(queue) <= slots)
