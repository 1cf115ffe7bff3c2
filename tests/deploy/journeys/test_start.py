"""`docker compose up -d --build`: from a checkout and its `.env` to work that is done."""

from __future__ import annotations

import pytest

from testing.servers.webhook import Webhook
from tests.deploy.engine.stack import Stack
from tests.deploy.journeys.work import make_task, run_now

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]
SCRIPT = """
log('begin')
answer = http_get(get_param('url'))
result = {'content': f'answered {answer.status_code}'}
"""


def test_all_services_are_there_once_built(stack: Stack) -> None:
    services = sorted(container["Service"] for container in stack.containers())
    assert services == [
        *("beat", "beat", "flower", "migrate", "mysql", "redis"),
        *("web", "worker-io", "worker-notify", "worker-script"),
    ]
    assert stack.engine.run("docker", "image", "ls", "--quiet", "--filter=dangling=true") == ""


def test_a_webhook_is_called(stack: Stack) -> None:
    with Webhook() as webhook:
        url = stack.outside(webhook.url)
        task = make_task(stack, task_name="hook", execution_type="webhook", webhook_url=url)
        run = run_now(stack, task)
    assert (run["status"], run["error"]) == ("success", "")
    assert len(webhook.calls) == 1


def test_a_script_runs_in_its_sandbox(stack: Stack) -> None:
    with Webhook() as site:
        params = {"url": stack.outside(site.url)}
        task = make_task(stack, task_name="script", script_content=SCRIPT, input_params=params)
        run = run_now(stack, task)
    assert (run["status"], run["error"]) == ("success", "")


def test_doctor_finds_it_well(stack: Stack) -> None:
    report = stack.compose("exec", "-T", "worker-script", "python", "manage.py", "doctor")
    assert "L1" in report
