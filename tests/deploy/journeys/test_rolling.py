"""docs/upgrade.md: the workers of a running platform are replaced, and none of its work waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from testing.patience import eventually
from tests.deploy.engine.daemon import Engine
from tests.deploy.engine.stack import CHECKOUT, Stack
from tests.deploy.journeys.test_upgrade import add_migration, documented
from tests.deploy.journeys.work import make_task

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]
WORKERS = {"worker-io": 1, "worker-notify": 1, "worker-script": 4}
SCRIPT = """
import time
name = f"ran-{trace_id}"
set_var(name, get_var(name, 0) + 1)
time.sleep(3)
"""


@pytest.fixture(scope="module")
def stack(engine: Engine) -> Iterator[Stack]:
    numbers = {"SCRIPT_WORKERS": str(WORKERS["worker-script"]), "SCRIPT_SLOTS": "2"}
    with Stack(engine, numbers) as running:
        running.up("--build")
        yield running


def test_no_second_is_without_a_worker(stack: Stack) -> None:
    each_second = {"schedule_type": "cron", "cron_expression": "* * * * * *", "misfire_policy": "fire_all"}
    task = make_task(stack, task_name="busy", script_content=SCRIPT, overlap_policy="allow", **each_second)
    at_once, by_halves = documented()
    added = add_migration(stack.checkout, "next", "SELECT 1")
    stack.engine.run("sh", "-euc", "\n".join(at_once.splitlines()[:2]), folder=CHECKOUT)
    before = serving(stack)
    with watched(stack) as seen:
        stack.engine.run("sh", "-euc", by_halves, folder=CHECKOUT)
    added.unlink()
    stack.until_healthy()
    after = serving(stack)
    for role, number in WORKERS.items():
        assert min(len(now[role]) for now in seen) == len(after[role]) == number, role
        assert not before[role] & after[role], role
    stack.call("POST", f"/api/scheduled-tasks/{task}/toggle", expected=200)
    eventually(lambda: all(run["finished_at"] for run in stack.runs(task)))
    assert {(run["status"], run["attempt"]) for run in stack.runs(task)} == {("success", 1)}
    marks = stack.call("GET", f"/api/script-vars?task_id={task}&page_size=100")["items"]
    assert {mark["var_value"] for mark in marks} == {1}


def serving(stack: Stack) -> dict[str, set[str]]:
    """The healthy containers of each role, by one question: Compose asks anew for each, and some are gone by then."""
    asked = (
        "docker",
        "ps",
        "--filter=health=healthy",
        '--format={{.Label "com.docker.compose.service"}} {{.ID}}',
    )
    found = [line.split() for line in stack.engine.run(*asked).splitlines()]
    return {role: {name for service, name in found if service == role} for role in WORKERS}


@contextmanager
def watched(stack: Stack) -> Iterator[list[dict[str, set[str]]]]:
    seen, stop = [serving(stack)], threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.append(serving(stack))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
