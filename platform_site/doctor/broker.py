"""Checks of Redis: does it answer, does it keep what it is given, does its clock agree with ours?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import redis
from django.conf import settings

from common.redis_client import client
from platform_site.doctor.finding import Finding, ok, problem, warning

MIN_VERSION = (6, 2)
# Beats and workers announce themselves with their host's time. Leases go by the database's clock, so a larger
# difference is no danger yet.
CLOCK_SECONDS = 2.0


def findings() -> Iterator[Finding]:
    try:
        before = time.time()
        seconds, micros = client().time()
        after = time.time()
        info = client().info()
    except (redis.RedisError, OSError) as error:
        fix = "Start Redis, or correct REDIS_URL."
        if settings.REDIS_EMBEDDED:
            fix = "Start the platform with `make up`, or set REDIS_URL to your own Redis."
        yield problem("redis", f"it does not answer: {error}", fix)
        return
    yield version(str(info["redis_version"]))
    yield eviction(info)
    yield persistence(info)
    yield clock(seconds + micros / 1e6, before, after)


def version(text: str) -> Finding:
    found = tuple(int(part) for part in text.split(".")[:2])
    if found < MIN_VERSION:
        return problem("redis", f"version {text}", "Use Redis 6.2 or newer, or Valkey.")
    return ok("redis", f"version {text}")


def eviction(info: Mapping[str, Any]) -> Finding:
    """Warn where Redis may evict keys.

    An evicted queue is published again; an evicted rate window lets a robot be flooded.
    """
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return warning("redis", f"it may evict keys ({policy})", "Set maxmemory-policy to noeviction.")
    return ok("redis", "no keys are evicted")


def persistence(info: Mapping[str, Any]) -> Finding:
    if not info.get("aof_enabled"):
        return warning(
            "redis",
            "its data is lost when it restarts",
            "Set appendonly to yes, so that waiting work does not have to be published again.",
        )
    if info.get("aof_last_write_status") != "ok":
        return problem(
            "redis", "the append-only file can't be written", "Free disk space where Redis keeps its data."
        )
    return ok("redis", "the append-only file is enabled")


def clock(redis_time: float, before: float, after: float) -> Finding:
    """Compare the clocks: Redis's time must lie between our times before and after the question."""
    apart = max(0.0, before - redis_time, redis_time - after)
    if apart > CLOCK_SECONDS:
        return warning(
            "clock",
            f"the clock of the clock of Redis's host is {apart:.0f} s away from ours",
            "Run NTP on both.",
        )
    return ok("clock", "the clock of Redis's host agrees with ours")
