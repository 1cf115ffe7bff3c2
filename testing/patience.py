"""Waiting for other processes: until it is true, not for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(found: Callable[[], T], patience_seconds: float = 300) -> T:
    """Asks until the answer is true. The patience is for what is stuck, not a measure of speed."""
    give_up = time.monotonic() + patience_seconds
    while not (answer := found()):
        assert time.monotonic() < give_up, "it never came true"
        time.sleep(0.1)
    return answer
