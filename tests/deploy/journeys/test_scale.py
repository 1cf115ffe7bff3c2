"""More workers, fewer, and others: none of it is a fault, so nothing may end otherwise than well."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import accumulate

import pytest

from tests.deploy.engine.stack import CHECKOUT, Stack
from tests.deploy.journeys import containers
from tests.deploy.journeys.load import Load
from tests.deploy.journeys.test_upgrade import commands
from tests.patience import eventually

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]
WORKERS = ("worker-io", "worker-notify", "worker-script")
EVENTS = "events"
# Beside the commands, for as long as they run.
WATCHED = """
docker events --filter event=kill --filter event=health_status --format '{{{{json .}}}}' >{events} &
trap "kill $!" EXIT
{commands}
"""


def scale(stack: Stack, count: int) -> None:
    stack.compose("up", "-d", "--no-deps", "--wait", "--scale", f"worker-script={count}", "worker-script")
    assert len(containers.ids(stack, "worker-script")) == count


def test_workers_come_and_go_and_each_due_time_runs_once(stack: Stack, load: Load) -> None:
    scale(stack, 3)
    since = datetime.now(UTC)
    eventually(lambda: sum(name.startswith("script@") for name in load.workers(since)) == 3)
    scale(stack, 1)
    assert load.violations() == []


def test_where_new_ones_come_first_no_second_is_without_a_worker(stack: Stack, load: Load) -> None:
    before = {service: containers.ids(stack, service) for service in WORKERS}
    (stack.checkout / "locale" / "another-release").touch()
    stack.engine.run("sh", "-euc", WATCHED.format(events=EVENTS, commands=commands()[1]), folder=CHECKOUT)
    stack.until_healthy()
    told = (stack.checkout / EVENTS).read_text()
    for service in WORKERS:
        now = containers.ids(stack, service)
        assert len(now) == len(before[service])
        assert not {*now} & {*before[service]}
        assert min(accumulate(changes(told, service), initial=len(before[service]))) > 0
    assert load.violations() == []
    stack.engine.run("docker", "image", "prune", "--force")


def changes(told: str, service: str) -> list[int]:
    """What each event adds to the workers that take runs: those that are well and were not told to end."""
    seen: dict[str, int] = {}
    found = []
    for event in map(json.loads, told.splitlines()):
        actor = event["Actor"]
        if actor["Attributes"].get("com.docker.compose.service") != service:
            continue
        change = {"kill": -1, "health_status: healthy": 1}.get(event["Action"], 0)
        if change and seen.get(actor["ID"]) != change:
            seen[actor["ID"]] = change
            found.append(change)
    return found
