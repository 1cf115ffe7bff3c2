"""How often a client may try passwords, tokens and hooks. The counts are in Redis, for all web processes.

While Redis is away nothing is counted, so that nobody is locked out.
"""

from __future__ import annotations

import logging

import redis
from django.conf import settings

from common.crypto import hash_token
from common.redis_client import client
from common.redis_windows import Limit, RateWindow

logger = logging.getLogger(__name__)
# The users of an office share an address, and an attacker has many addresses: so an address, and an account
# over all addresses, may try this many times as often as an account from one address.
WIDER_FACTOR = 10


def login(username: str, address: str) -> float:
    """Return 0 where a log-in may be tried now, which counts it, else the seconds to wait.

    It makes no difference whether there is such an account.
    """
    max_count, seconds = settings.LOGIN_ATTEMPTS, settings.LOGIN_ATTEMPTS_SECONDS
    return (
        seconds_to_wait(_account(username, address), max_count, seconds)
        or seconds_to_wait(f"address:{address}", WIDER_FACTOR * max_count, seconds)
        or seconds_to_wait(f"account:{_digest(username)}", WIDER_FACTOR * max_count, seconds)
    )


def logged_in(username: str, address: str) -> None:
    """Forget this account's tries from this address, but not the address's own: they may be somebody else's."""
    try:
        _window().forget(_account(username, address))
    except redis.RedisError as error:
        logger.warning("Redis does not answer, nothing is forgotten: %s", error)


def wrong_token(address: str) -> float:
    """Count a wrong token. Return 0, or the seconds to wait where the address has sent too many.

    This is not against guessing, which is hopeless with 256 bits, but against programs that use a dead token all day.
    """
    return seconds_to_wait(f"token:{address}", settings.WRONG_TOKENS_PER_MINUTE, 60)


def seconds_to_wait(key: str, max_count: int, seconds: float) -> float:
    """Return 0 where a try is allowed now, which counts it, or Redis is away; else the seconds to wait."""
    try:
        return _window().take(key, [Limit(max_count, seconds)])
    except redis.RedisError as error:
        logger.warning("Redis does not answer, nothing is counted: %s", error)
        return 0


def _window() -> RateWindow:
    return RateWindow(client(), "tries")


def _account(username: str, address: str) -> str:
    return f"login:{_digest(username)}:{address}"


def _digest(username: str) -> str:
    """Return a hash of the name, because what was typed may be long, or a password in the wrong field."""
    return hash_token(username.strip().casefold())
