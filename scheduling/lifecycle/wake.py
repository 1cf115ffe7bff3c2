"""Calls to beat for what beat alone may begin: one beat of several looks at once, not at its next tick."""

from __future__ import annotations

from contextlib import suppress
from typing import cast

import redis

from common.redis_client import client

KEY = "platform:wake"


def beat() -> None:
    """Call one beat, after the commit of what lets something begin. With Redis away, that waits for a tick."""
    with suppress(redis.RedisError), client().pipeline(transaction=False) as pipeline:
        pipeline.lpush(KEY, 1)
        pipeline.ltrim(KEY, 0, 0)  # however many have called: one look serves them all
        pipeline.execute()


def wait(seconds: float) -> bool:
    """Wait for a call, and return whether one came within the time. For beat. Raises redis.RedisError."""
    min_seconds = 0.005  # 0 would wait for ever, and before Redis 7 so would all that is 0.001 or less
    return client().blpop([KEY], timeout=cast(int, max(min_seconds, seconds))) is not None
