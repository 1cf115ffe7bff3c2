"""Rate limits and concurrency limits shared by all workers. Each decision is one Lua script, and so atomic.

Redis's own clock decides: all workers share it, whatever their hosts' clocks say. Tests pass another one, in Unix
seconds.
"""

import math
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redis import Redis

_NOW = """
local function now_ms(given)
    if given ~= '' then return tonumber(given) end
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
"""

# KEYS: sent, pause. ARGV: now, member, then count and milliseconds of each limit. Returns the wait in ms.
_TAKE = (
    _NOW
    + """
local now = now_ms(ARGV[1])
local wait = tonumber(redis.call('GET', KEYS[2]) or '0') - now
local longest = 0
for i = 3, #ARGV, 2 do
    local count, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    longest = math.max(longest, window)
    local nth = redis.call('ZREVRANGE', KEYS[1], count - 1, count - 1, 'WITHSCORES')
    if nth[2] then wait = math.max(wait, tonumber(nth[2]) + window - now) end
end
if wait > 0 then return wait end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - longest)
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('PEXPIRE', KEYS[1], longest)
return 0
"""
)

# KEYS: pause. ARGV: now, milliseconds.
_PAUSE = (
    _NOW
    + """
local left = tonumber(ARGV[2])
local until_ms = now_ms(ARGV[1]) + left
if left > 0 and until_ms > tonumber(redis.call('GET', KEYS[1]) or '0') then
    redis.call('SET', KEYS[1], string.format('%d', until_ms), 'PX', left)
end
"""
)

# KEYS: holders. ARGV: now, holder, ttl, limit ('' = only if held). Returns 1 when the holder holds a place.
_HOLD = (
    _NOW
    + """
local now, ttl = now_ms(ARGV[1]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local is_held = redis.call('ZSCORE', KEYS[1], ARGV[2])
local is_free = ARGV[4] ~= '' and redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[4])
if not is_held and not is_free then return 0 end
redis.call('ZADD', KEYS[1], now + ttl, ARGV[2])
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[1], tonumber(last[2]) - now)
return 1
"""
)

_COUNT = _NOW + "return redis.call('ZCOUNT', KEYS[1], '(' .. now_ms(ARGV[1]), '+inf')"


Clock = Callable[[], float]


@dataclass(frozen=True)
class Limit:
    """At most `count` events in any period of `seconds`."""

    count: int
    seconds: float


class RateWindow:
    def __init__(self, redis: Redis, prefix: str = "rate", clock: Clock | None = None) -> None:
        self._prefix, self._clock = prefix, clock
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._pause = redis.register_script(_PAUSE)

    def take(self, key: str, limits: Sequence[Limit]) -> float:
        """Count one event and return 0.0, if the limits allow it now.

        Otherwise nothing is counted: return the seconds to wait before asking again.
        """
        arguments = [_now(self._clock), uuid.uuid4().hex]
        for limit in limits:
            arguments += [str(limit.count), _ms(limit.seconds)]
        return int(self._take(keys=[self._key(key, "sent"), self._key(key, "pause")], args=arguments)) / 1000

    def pause(self, key: str, seconds: float) -> None:
        """Refuse every event for so many seconds; a longer pause stays."""
        self._pause(keys=[self._key(key, "pause")], args=[_now(self._clock), _ms(seconds)])

    def forget(self, key: str) -> None:
        """Forget all that was counted, and a pause."""
        self._redis.delete(self._key(key, "sent"), self._key(key, "pause"))

    def _key(self, key: str, part: str) -> str:
        return f"{self._prefix}:{{{key}}}:{part}"


class Leases:
    """At most `limit` holders of a key at a time; one that stops renewing loses its place after `ttl_seconds`."""

    def __init__(self, redis: Redis, prefix: str = "lease", clock: Clock | None = None) -> None:
        self._prefix, self._clock = prefix, clock
        self._redis = redis
        self._hold = redis.register_script(_HOLD)
        self._count = redis.register_script(_COUNT)

    def acquire(self, key: str, holder: str, limit: int, ttl_seconds: float) -> bool:
        """Take a place for `ttl_seconds` and return whether there was one; True also if the holder has it already."""
        return self._ask(key, holder, ttl_seconds, str(limit))

    def renew(self, key: str, holder: str, ttl_seconds: float) -> bool:
        """Keep a place for another `ttl_seconds`. Return False if it is lost: another holder may have it by now."""
        return self._ask(key, holder, ttl_seconds, "")

    def release(self, key: str, holder: str) -> None:
        self._redis.zrem(self._key(key), holder)

    def count(self, key: str) -> int:
        return int(self._count(keys=[self._key(key)], args=[_now(self._clock)]))

    def _ask(self, key: str, holder: str, ttl_seconds: float, limit: str) -> bool:
        arguments = [_now(self._clock), holder, _ms(ttl_seconds), limit]
        return bool(self._hold(keys=[self._key(key)], args=arguments))

    def _key(self, key: str) -> str:
        return f"{self._prefix}:{{{key}}}"


def _now(clock: Clock | None) -> str:
    """Return the clock's time in milliseconds; "" for Redis's own clock."""
    return _ms(clock()) if clock else ""


def _ms(seconds: float) -> str:
    return str(math.ceil(round(seconds * 1000, 3)))
