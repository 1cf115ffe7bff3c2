"""Little is put ahead for the workers, so it may be gone long before the next tick: beat looks again then."""

from __future__ import annotations

import time

import redis

from common.redis_client import client
from scheduling.engine import presence
from scheduling.engine.publish import QUEUES

LOOK_SECONDS = 0.005


def wait(seconds: float, filled: set[str]) -> None:
    """Returns when a queue is nearly empty that was not, or has just been `filled`; at the latest after `seconds`."""
    give_up = time.monotonic() + seconds
    try:
        slots = {queue: presence.slots(queue) for queue in set(QUEUES.values())}
        watched = filled | (slots.keys() - _nearly_empty(slots))
        while watched and (left := give_up - time.monotonic()) > 0:
            if watched & _nearly_empty(slots):
                return
            time.sleep(min(left, LOOK_SECONDS))
    except redis.RedisError:
        pass  # the next tick says so
    time.sleep(max(0.0, give_up - time.monotonic()))


def _nearly_empty(slots: dict[str, int]) -> set[str]:
    """A message for each slot is left, beside those that the workers have taken ahead."""
    return {queue for queue, count in slots.items() if client().llen(queue) <= count}
