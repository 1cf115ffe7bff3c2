"""Waiting for other processes until something is true, not for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(found: Callable[[], T], patience_seconds: float = 300) -> T:
    """Wait until `found` returns something true, and return that.

    Raises AssertionError after `patience_seconds`: a limit for what is stuck, not a measure of speed.
    """
    give_up = time.monotonic() + patience_seconds
    while not (answer := found()):
        assert time.monotonic() < give_up, "it never came true"
        time.sleep(0.1)
    return answer
