"""Something can begin that beat alone may begin: it looks now, not at its next tick. One beat of several does."""

from __future__ import annotations

from contextlib import suppress
from typing import cast

import redis

from common.redis_client import client

KEY = "platform:wake"


def beat() -> None:
    """For whoever has made it possible, after the commit. With Redis away it waits for a tick."""
    with suppress(redis.RedisError), client().pipeline(transaction=False) as pipeline:
        pipeline.lpush(KEY, 1)
        pipeline.ltrim(KEY, 0, 0)  # however many have called: one look serves them all
        pipeline.execute()


def wait(seconds: float) -> bool:
    """For beat: has somebody called within the time? Raises redis.RedisError."""
    least = 0.001  # 0 would be for ever
    return client().blpop([KEY], timeout=cast(int, max(least, seconds))) is not None
