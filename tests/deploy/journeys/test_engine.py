"""The engine itself, where a journey could go wrong without anybody's fault."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.deploy.engine.daemon import Engine

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]


def test_a_second_one_refuses_to_start_on_the_same_data(engine: Engine) -> None:
    with pytest.raises(AssertionError, match="Another engine uses"), Engine(engine.folder):
        pass


def test_its_own_processes_hold_the_lock(engine: Engine) -> None:
    held = [os.path.realpath(path) for path in Path(f"/proc/{engine.pid}/fd").iterdir()]
    assert os.path.realpath(engine.folder / "lock") in held
