from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduling.jail import jobs
from scheduling.kinds.script.check import look
from scheduling.worker.environments import envs
from scheduling.worker.script_executor import runner


@pytest.fixture(scope="session", autouse=True)
def no_sandbox_is_left() -> Iterator[None]:
    """A worker's ends with it; a test run goes on to count what is left open."""
    yield
    forget_sandbox()


def forget_sandbox() -> None:
    """The next run starts one with the settings as they are then."""
    for owned in (runner, jobs):
        if owned.cache_info().currsize:
            owned().close()
    for cached in (runner, jobs, envs, look):
        cached.cache_clear()
