"""How long to wait before the next try."""

from random import Random
from typing import Literal

Backoff = Literal["fixed", "exponential"]

CAP_SECONDS = 3600.0
JITTER = 0.2

_MAX_DOUBLINGS = 32  # far beyond any cap, and a float can still hold it


def backoff_seconds(
    backoff: Backoff, base_seconds: float, failures: int, random: Random, cap_seconds: float = CAP_SECONDS
) -> float:
    """`failures` so far, from 1: the first wait is `base_seconds`, and `exponential` doubles from there.

    The jitter of ± 20 % comes after the cap: those who wait longest must not come back together either.
    """
    if backoff == "fixed":
        return base_seconds
    doublings = min(max(failures - 1, 0), _MAX_DOUBLINGS)
    return min(base_seconds * 2.0**doublings, cap_seconds) * random.uniform(1 - JITTER, 1 + JITTER)
