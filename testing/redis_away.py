"""A Redis that is not there."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def away() -> Redis:
    """Return a client that is refused at once, as the platform's own is; redis-py's default keeps trying for 20 s."""
    return Redis(port=1, retry=Retry(NoBackoff(), 0))
