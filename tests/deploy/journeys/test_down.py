"""`docker compose down` in the middle of work, and `up` again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from testing.patience import eventually
from tests.deploy.engine.stack import Stack
from tests.deploy.journeys import containers
from tests.deploy.journeys.load import Load
from tests.deploy.journeys.work import Gate, ask, make_task
from tests.faults.dify import Dify

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]
AN_HOUR = 3600.0


def test_what_can_end_ends_and_the_rest_is_found_again(stack: Stack, load: Load) -> None:
    with Gate() as soon, Gate() as late, Dify(lambda inputs: None, lambda: AN_HOUR) as dify:
        ends, waits = soon.task(stack), late.task(stack)
        flows = make_task(
            stack,
            task_name="flows",
            execution_type="dify",
            dify_url=stack.outside(dify.url),
            dify_api_key="app-flows",
            input_params={"key": "flows"},
        )
        for task in (ends, waits, flows):
            ask(stack, task)
        eventually(lambda: soon.arrived and late.arrived and dify.runs)
        with load.struck_by("beats away"):
            with ThreadPoolExecutor() as pool:
                down = pool.submit(stack.compose, "down")
                eventually(lambda: down.done() or not containers.ids(stack, "web"))
                soon.open = True
                down.result()
            assert stack.containers() == []
            stack.up()
        late.open = True
        dify.runs |= {key: replace(run, seconds=0.0) for key, run in dify.runs.items()}
        [ended], [waited], [flowed] = (stack.ended(task) for task in (ends, waits, flows))
    assert (ended["status"], ended["attempt"], soon.arrived) == ("success", 1, 1)
    assert (waited["status"], waited["attempt"], late.arrived) == ("success", 2, 2)
    assert (flowed["status"], flowed["error"], len(dify.runs)) == ("success", "", 1)
    assert load.violations() == []
