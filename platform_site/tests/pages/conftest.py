from __future__ import annotations

import pytest

from tests.world import World
from tests.world import world as new_world


@pytest.fixture
def world(db: None) -> World:
    return new_world()
