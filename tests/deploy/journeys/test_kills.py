"""What a crash of each container costs: nothing but its own time."""

from __future__ import annotations

import pytest

from tests.deploy.engine.stack import Stack
from tests.deploy.journeys import containers
from tests.deploy.journeys.load import Load

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]
# As the verdict calls them.
FAULTS = {
    "beat": "beat",
    "flower": "flower",
    "mysql": "database away",
    "redis": "redis emptied",
    "web": "web",
    "worker-io": "io worker",
    "worker-notify": "notify worker",
    "worker-script": "script worker",
}


def test_each_container_comes_back_and_no_due_time_is_lost(stack: Stack, load: Load) -> None:
    assert {container["Service"] for container in stack.containers()} == {*FAULTS, "migrate"}
    for service, fault in FAULTS.items():
        for container in containers.ids(stack, service):
            with load.struck_by(fault):
                containers.crash(stack, container)
    assert load.violations() == []
