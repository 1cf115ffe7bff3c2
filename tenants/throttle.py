"""How often somebody may try: passwords, tokens, hooks. The counts are in Redis, for all web processes.

Redis away locks nobody out: then nothing is counted.
"""

from __future__ import annotations

import logging

import redis
from django.conf import settings

from common.crypto import hash_token
from common.redis_client import client
from common.redis_windows import Limit, RateWindow

logger = logging.getLogger(__name__)
# An office shares an address, an attacker has many: each is slowed down before an account is.
WIDER = 10


def login(username: str, address: str) -> float:
    """0: try, it is counted, whether there is such an account or not. Else the seconds to wait."""
    most, seconds = settings.LOGIN_ATTEMPTS, settings.LOGIN_ATTEMPTS_SECONDS
    return (
        seconds_to_wait(_account(username, address), most, seconds)
        or seconds_to_wait(f"address:{address}", WIDER * most, seconds)
        or seconds_to_wait(f"account:{_digest(username)}", WIDER * most, seconds)
    )


def logged_in(username: str, address: str) -> None:
    """Forgets this account's tries from there, not the address's: its other tries may be somebody else's."""
    try:
        _window().forget(_account(username, address))
    except redis.RedisError as error:
        logger.warning("Redis does not answer, nothing is forgotten: %s", error)


def wrong_token(address: str) -> float:
    """Nobody guesses 256 bits; a program that tries the same dead token all day is told to stop."""
    return seconds_to_wait(f"token:{address}", settings.WRONG_TOKENS_PER_MINUTE, 60)


def seconds_to_wait(key: str, most: int, seconds: float) -> float:
    """0: go ahead, it is counted."""
    try:
        return _window().take(key, [Limit(most, seconds)])
    except redis.RedisError as error:
        logger.warning("Redis does not answer, nothing is counted: %s", error)
        return 0


def _window() -> RateWindow:
    return RateWindow(client(), "tries")


def _account(username: str, address: str) -> str:
    return f"login:{_digest(username)}:{address}"


def _digest(username: str) -> str:
    """What was typed may be long, or a password in the wrong field."""
    return hash_token(username.strip().casefold())
