"""The platform's own Redis client, besides Celery's."""

from __future__ import annotations

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@cache
def client() -> redis.Redis:
    """Return the process's client, which is thread-safe. A frozen Redis costs a caller at most these timeouts."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=3,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),  # with redis-py's default a call could take 20 s
        decode_responses=True,
    )
