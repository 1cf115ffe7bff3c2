"""How many messages may go to a destination, counted for all workers together: in Redis, by the destination's key."""

from __future__ import annotations

from common.redis_client import client
from common.redis_windows import RateWindow
from notifications.channel_types import CHANNEL_TYPES
from notifications.metrics import RATE_PAUSES

FORGET_SECONDS = 600


def seconds_to_wait(channel_type: str, destination_key: str) -> float:
    """Return 0 where a message may be sent now, which counts it, else the seconds to wait. Raises RedisError."""
    limits = CHANNEL_TYPES[channel_type].limits
    wait = _window().take(destination_key, limits) if limits else 0
    if wait:
        RATE_PAUSES.add(channel_type, "us", amount=wait)
    return wait


def record_refusal(channel_type: str, destination_key: str, seconds: float) -> float:
    """Pause a destination whose service has refused its messages as too many. Raises RedisError.

    Return the seconds of the pause: `seconds`, doubled for each refusal in a row where the type says so.
    """
    if max_pause := CHANNEL_TYPES[channel_type].max_pause_seconds:
        refusals = client().incr(_refusals_key(destination_key))
        client().expire(_refusals_key(destination_key), FORGET_SECONDS)
        seconds = min(seconds * 2 ** (refusals - 1), max_pause)
    pause(destination_key, seconds)
    RATE_PAUSES.add(channel_type, "service", amount=seconds)
    return seconds


def forget_refusals(channel_type: str, destination_key: str) -> None:
    """Forget the refusals so far, so that the next one starts with the shortest pause. Raises RedisError."""
    if CHANNEL_TYPES[channel_type].max_pause_seconds:
        client().delete(_refusals_key(destination_key))


def pause(destination_key: str, seconds: float) -> None:
    _window().pause(destination_key, seconds)


def _window() -> RateWindow:
    return RateWindow(client(), "robot")


def _refusals_key(destination_key: str) -> str:
    return f"robot:{{{destination_key}}}:refusals"
