"""A script whose dependencies unpack to more than the worker's /tmp holds."""

from __future__ import annotations

import pytest

from testing.servers.wheels import ServedIndex
from tests.deploy import compose
from tests.deploy.engine.images import NEEDED
from tests.deploy.engine.stack import Stack
from tests.deploy.journeys.work import make_task, run_now

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]
PACKAGES = ("heavy", "heavier", "heaviest")
PACKAGE_MB = 200


def test_they_are_put_together_on_the_volume(stack: Stack, index: ServedIndex) -> None:
    [tmp] = compose.services(dict.fromkeys(NEEDED, "x"))["worker-script"]["tmpfs"]
    assert "size=512m" in tmp
    assert len(PACKAGES) * PACKAGE_MB > 512
    for name in PACKAGES:
        index.add(name, "1.0", {f"{name}/__init__.py": "", f"{name}/data": "x" * (PACKAGE_MB << 20)})
    task = make_task(
        stack,
        task_name="heavy",
        script_content=f"import {', '.join(PACKAGES)}\nresult = {{'content': 'there'}}",
        script_deps="\n".join(PACKAGES),
    )
    run = run_now(stack, task)
    assert (run["status"], run["error"]) == ("success", "")
    output = stack.call("GET", f"/api/task-logs/{run['id']}")["output"]
    assert "Installed 3 packages" in output
    assert "hardlink" not in output  # uv warns where it has to copy
    assert stack.compose("exec", "-T", "worker-script", "ls", "/var/lib/platform/script-envs/building") == ""
