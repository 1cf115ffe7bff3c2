from __future__ import annotations

from collections.abc import Iterator

import pytest

from notifications.tests.letters import Clock
from tests.servers.robots import Robots


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def robots(clock: Clock) -> Iterator[Robots]:
    with Robots(clock=lambda: clock.at.timestamp()) as running:
        yield running
