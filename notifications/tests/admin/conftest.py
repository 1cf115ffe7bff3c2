from __future__ import annotations

import pytest

from testing.world import World
from testing.world import world as new_world


@pytest.fixture
def world(db: None) -> World:
    return new_world()
