"""A slot's turn: the run whose message Celery has handed over, and for a moment those behind it on the queue.

Celery's main process takes each message, hands it to a slot and acknowledges it: one process for all slots, in time
that the runs could use. So a slot whose run has ended takes the next message from the queue itself. What is on the
queue was released by beat, in its order: limits and fairness stay beat's. A turn is short, because the main process
may hold messages that it has taken ahead.

A message is gone once it is taken. If the slot dies before the claim, beat publishes the run again, as it does for any
message that nobody claims in time.
"""

from __future__ import annotations

import logging
import mmap
import time
from collections.abc import Iterator
from typing import cast

import redis

from common.redis_client import client
from scheduling.lifecycle.publish import TASK

logger = logging.getLogger(__name__)
TURN_SECONDS = 0.5

# KEYS: the queue. ARGV: the name of the Celery task that carries out runs. Returns the next message's trace id; nothing
# where the queue is empty, or where its next message is another task's, and so Celery's to take.
_TAKE = """
local text = redis.call('LINDEX', KEYS[1], -1)
if not text then return nil end
local headers = cjson.decode(text)['headers']
if headers['task'] ~= ARGV[1] then return nil end
redis.call('RPOP', KEYS[1])
return headers['id']
"""

# Shared with the processes that a pool forks: only the main one hears the signal.
_is_leaving = mmap.mmap(-1, 1)


def end_turns() -> None:
    """Let no slot of this worker take another message, because the worker ends. Signal handlers call this."""
    _is_leaving[0] = 1


def turn(trace_id: str, queue: str) -> Iterator[str]:
    """Yield the run, and after it the next ones of the queue until the turn is over."""
    ends_at = time.monotonic() + TURN_SECONDS
    yield trace_id
    while time.monotonic() < ends_at and not _is_leaving[0]:
        following = _take(queue)
        if following is None:
            return
        yield following


def _take(queue: str) -> str | None:
    try:
        return cast("str | None", client().eval(_TAKE, 1, queue, TASK))
    except redis.RedisError as error:
        logger.warning("The next message is left to Celery: %s", error)
        return None
