"""The stores of WeCom applications' access tokens, which also decide who may fetch a new one.

WeCom asks for one fetch at a time and blocks a client that fetches too often: workers share what one has fetched.
"""

import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import redis

FETCH_SECONDS = 60  # how long a worker that dies while it fetches holds the others up


class TokenStore(Protocol):
    """A store of tokens. `name` stands for one application's credentials and is no secret."""

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, token: str, seconds: int) -> None: ...

    def drop(self, name: str, token: str) -> None:
        """Remove this token, but not another one that a worker has fetched meanwhile."""

    def lock(self, name: str) -> AbstractContextManager[object]:
        """Return the lock that one fetcher holds at a time."""


class MemoryTokens:
    """The tokens of one process, in its memory."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tokens: dict[str, tuple[str, float]] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(self, name: str) -> str | None:
        token, ends_at = self._tokens.get(name, (None, 0))
        return token if self._clock() < ends_at else None

    def put(self, name: str, token: str, seconds: int) -> None:
        self._tokens[name] = token, self._clock() + seconds

    def drop(self, name: str, token: str) -> None:
        if self.get(name) == token:
            del self._tokens[name]

    def lock(self, name: str) -> AbstractContextManager[object]:
        return self._locks[name]


class RedisTokens:
    """The tokens of all workers, in Redis."""

    def __init__(self, client: "redis.Redis", prefix: str = "wecom-token:") -> None:
        self._redis = client
        self._prefix = prefix

    def get(self, name: str) -> str | None:
        raw = self._redis.get(self._prefix + name)
        return raw.decode() if isinstance(raw, bytes) else raw

    def put(self, name: str, token: str, seconds: int) -> None:
        self._redis.set(self._prefix + name, token, ex=max(seconds, 1))

    def drop(self, name: str, token: str) -> None:
        compare_and_delete = "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end"
        self._redis.eval(compare_and_delete, 1, self._prefix + name, token)

    def lock(self, name: str) -> AbstractContextManager[object]:
        """Return the lock; entering it raises redis.exceptions.LockError after FETCH_SECONDS of waiting."""
        lock: AbstractContextManager[object] = self._redis.lock(
            f"{self._prefix}{name}:lock", timeout=FETCH_SECONDS, blocking_timeout=FETCH_SECONDS
        )
        return lock
