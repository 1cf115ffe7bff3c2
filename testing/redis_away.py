"""A Redis that nobody answers for."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def away() -> Redis:
    """Refused at once, as the platform's own connection is: redis-py by itself tries for 20 s."""
    return Redis(port=1, retry=Retry(NoBackoff(), 0))
