"""Who ends where memory does: a script alone, and a worker only where the kernel chooses it."""

from __future__ import annotations

from typing import Any

import pytest

from testing.patience import eventually
from tests.deploy.engine.stack import Stack
from tests.deploy.journeys import containers
from tests.deploy.journeys.work import Gate, ask, make_task, run_now

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]
# Of the container's 3 GiB: three of its four slots' take more.
SHARE_MB = 1200
TAKE = "taken = b'x' * ({} << 20)"
HOG = "b'x' * (4 << 30)"
# The kernel takes it first: what it does to the main process is what it would do were that the largest.
CHOSEN = "for child in $(cat /proc/{pid}/task/{pid}/children); do echo 1000 >/proc/$child/oom_score_adj; done"


def test_a_script_that_takes_more_than_its_own_ends_alone(stack: Stack) -> None:
    [worker] = containers.ids(stack, "worker-script")
    before = containers.state(stack, worker)
    task = make_task(stack, task_name="greedy", script_content=TAKE.format(300), memory_mb=64)
    run = run_now(stack, task)
    assert (run["status"], run["error_code"]) == ("failed", "memory_limit")
    assert containers.state(stack, worker) == before


def test_scripts_that_take_more_than_their_container_has_are_ended_and_the_worker_goes_on(
    stack: Stack,
) -> None:
    [worker] = containers.ids(stack, "worker-script")
    before = containers.state(stack, worker)
    with Gate() as gate:
        take = TAKE.format(SHARE_MB)
        tasks = [gate.task(stack, take, memory_mb=2 * SHARE_MB) for _ in range(4)]
        for task in tasks:
            ask(stack, task)
        eventually(lambda: any(run["finished_at"] for run in runs(stack, tasks)))
        gate.open = True
        eventually(lambda: all(run["finished_at"] for run in runs(stack, tasks)))
    ends = {(run["status"], run["error_code"]) for run in runs(stack, tasks)}
    assert ("failed", "sandbox_lost") in ends
    assert ends <= {("failed", "sandbox_lost"), ("success", "")}
    assert containers.state(stack, worker) == before


def test_a_worker_that_the_kernel_has_ended_is_started_again_and_so_is_its_run(stack: Stack) -> None:
    [worker] = containers.ids(stack, "worker-script")
    before = containers.state(stack, worker)
    with Gate() as gate:
        task = gate.task(stack)
        ask(stack, task)
        eventually(lambda: gate.arrived == 1)
        stack.engine.run("sh", "-euc", CHOSEN.format(pid=before.pid))
        stack.engine.tried("docker", "exec", worker, "python", "-c", HOG)
        containers.until_back(stack, worker, before)
        eventually(lambda: gate.arrived == 2)
        gate.open = True
        [run] = stack.ended(task)
    assert (run["status"], run["error"], run["attempt"]) == ("success", "", 2)


def runs(stack: Stack, tasks: list[int]) -> list[dict[str, Any]]:
    return [run for task in tasks for run in stack.runs(task)]
