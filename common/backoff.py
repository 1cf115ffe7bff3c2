"""How long to wait before the next try."""

from random import Random
from typing import Literal

Backoff = Literal["fixed", "exponential"]

MAX_PAUSE_SECONDS = 3600.0
JITTER = 0.2

_MAX_DOUBLINGS = 32  # far beyond any cap, and a float can still hold it


def backoff_seconds(
    backoff: Backoff,
    base_seconds: float,
    failures: int,
    random: Random,
    cap_seconds: float = MAX_PAUSE_SECONDS,
) -> float:
    """Return the seconds to wait before the next try, after so many `failures`, counted from 1.

    The first wait is `base_seconds`, and `exponential` doubles it with each further failure. The jitter of ± 20 % is
    applied after the cap, so that callers with the longest wait don't come back together either.
    """
    if backoff == "fixed":
        return base_seconds
    doublings = min(max(failures - 1, 0), _MAX_DOUBLINGS)
    return min(base_seconds * 2.0**doublings, cap_seconds) * random.uniform(1 - JITTER, 1 + JITTER)
