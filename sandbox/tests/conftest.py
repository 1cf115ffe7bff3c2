from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.host.runner import Context, Limits, Result, Runner, Script

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    with Runner() as runner:
        yield runner


@pytest.fixture
def lines() -> list[tuple[str, str]]:
    """What the script wrote, as (stream, text)."""
    return []


@pytest.fixture
def run(runner: Runner, lines: list[tuple[str, str]]) -> Run:
    """run(source, grants={}, params={}, limits=Limits(), context=Context()) → Result"""

    def run(source: str, *, params: Any = None, context: Context | None = None, **rest: Any) -> Result:
        script = Script(source, params=params or {}, context=context or Context(task_id=1))
        rest = {
            "grants": {},
            "limits": Limits(wall_seconds=60),
            "on_line": lambda stream, text: lines.append((stream, text)),
            **rest,
        }
        return runner.run(script, **rest)

    return run
