"""One engine for all journeys, one platform for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.deploy.engine import images
from tests.deploy.engine.daemon import Engine
from tests.deploy.engine.stack import Stack


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine(settings.DATA_DIR / "engine") as running:
        images.make(running)
        yield running


@pytest.fixture(scope="module")
def stack(engine: Engine) -> Iterator[Stack]:
    with Stack(engine) as running:
        running.up("--build")
        yield running
