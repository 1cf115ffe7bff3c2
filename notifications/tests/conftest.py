from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from common.redis_client import client
from common.redis_windows import RateWindow
from notifications import rates
from notifications.tests.outgoing import Clock
from testing.servers.robots import Robots


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Of the workers, the robots and Redis."""
    clock = Clock()
    window = partial(RateWindow, client(), "robot", lambda: clock.at.timestamp())
    monkeypatch.setattr(rates, "_window", window)
    return clock


@pytest.fixture
def robots(clock: Clock) -> Iterator[Robots]:
    with Robots(clock=lambda: clock.at.timestamp()) as running:
        yield running
