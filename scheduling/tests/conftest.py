from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduling.contexts.deps import envs
from scheduling.contexts.scripts import runner


@pytest.fixture(scope="session", autouse=True)
def no_sandbox_is_left() -> Iterator[None]:
    """A worker's ends with it; a test run goes on to count what is left open."""
    yield
    forget_sandbox()


def forget_sandbox() -> None:
    """The next run starts one with the settings as they are then."""
    if runner.cache_info().currsize:
        runner().close()
    for cached in (runner, envs):
        cached.cache_clear()
