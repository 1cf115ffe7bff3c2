"""One engine for all journeys, one platform for each module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from django.conf import settings

from testing.servers.wheels import ServedIndex
from tests.deploy.engine import images
from tests.deploy.engine.daemon import Engine
from tests.deploy.engine.stack import Stack
from tests.deploy.journeys.load import Load
from tests.faults.outside import Outside


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine(settings.DATA_DIR / "engine") as running:
        images.make(running)
        yield running


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    """From which scripts get their dependencies."""
    with ServedIndex(tmp_path_factory.mktemp("index")) as running:
        yield running


@pytest.fixture(scope="module")
def stack(engine: Engine, index: ServedIndex) -> Iterator[Stack]:
    with Stack(engine, {"SCRIPT_INDEX_URL": engine.outside(index.url)}) as running:
        running.up("--build")
        yield running


@pytest.fixture
def load(stack: Stack, tmp_path: Path) -> Iterator[Load]:
    with Outside(tmp_path / "ledger", Random(0)) as outside, Load(stack, outside) as running:
        yield running
