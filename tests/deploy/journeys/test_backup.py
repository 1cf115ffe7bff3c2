"""docs/backup.md with Docker Compose, as it stands there: into a stack that is empty."""

from __future__ import annotations

import pytest

from testing.servers.webhook import Webhook
from tests.deploy.engine.stack import CHECKOUT, Stack
from tests.deploy.journeys.work import make_task, run_now
from tests.deploy.test_backup import SECRET, blocks

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]
SCRIPT = "http_post(get_param('site'), json={'secret': get_secret('key')})\nresult = {'content': 'told'}"


def test_what_was_backed_up_runs_in_an_empty_stack(stack: Stack) -> None:
    secret = {"tenant_id": "default", "secret_key": "key", "value": SECRET}
    stack.call("POST", "/api/secrets", secret, expected=201)
    with Webhook() as site:
        params = {"site": stack.outside(site.url)}
        task = make_task(stack, task_name="tells", script_content=SCRIPT, input_params=params)
        assert run_now(stack, task)["status"] == "success"
        before, token = stack.runs(task), stack.token
        backup, restore = blocks("Docker Compose")
        stack.engine.run("sh", "-euc", backup, folder=CHECKOUT)
        stack.down()
        stack.engine.run("sh", "-euc", restore, folder=CHECKOUT)
        stack.until_healthy()
        stack.token = token  # that of before is as good
        assert stack.runs(task) == before
        assert run_now(stack, task)["status"] == "success"
    assert [call.json() for call in site.calls] == [{"secret": SECRET}] * 2
