"""More workers and fewer again: none of it is a fault, so nothing may end otherwise than well."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from testing.patience import eventually
from tests.deploy.engine.stack import Stack
from tests.deploy.journeys import containers
from tests.deploy.journeys.load import Load

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]


def scale(stack: Stack, count: int) -> None:
    stack.compose("up", "-d", "--no-deps", "--wait", "--scale", f"worker-script={count}", "worker-script")
    assert len(containers.ids(stack, "worker-script")) == count


def test_workers_come_and_go_and_each_due_time_runs_once(stack: Stack, load: Load) -> None:
    scale(stack, 3)
    since = datetime.now(UTC)
    eventually(lambda: sum(name.startswith("script@") for name in load.workers(since)) == 3)
    scale(stack, 1)
    assert load.violations() == []
