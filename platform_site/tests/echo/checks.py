"""All that an echo task must have without a word about it elsewhere. Runs in the copy that has the kind."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from common import metrics
from platform_site.observability.stats import queue_depth
from scheduling.acts import runs
from scheduling.models import Run, ScheduledTask
from scheduling.tests.admin.test_task_form import ADD, FORM
from scheduling.worker.attempt import attempt
from tenants.access import SYSTEM
from testing.callers import Caller, member
from testing.world import world

pytestmark = pytest.mark.django_db(transaction=True)
TASK = {
    "tenant_id": "acme",
    "task_name": "call",
    "execution_type": "echo",
    "schedule_type": "cron",
    "cron_expression": "0 0 1 1 *",
}


@pytest.fixture
def admin() -> Caller:
    return member("admin")


@pytest.fixture
def task(admin: Caller) -> ScheduledTask:
    saved = admin.post("/scheduled-tasks", TASK | {"echo_text": "hello"})
    assert saved.status_code == 201, saved.content
    assert saved.json()["echo_text"] == "hello"
    return ScheduledTask.objects.get()


def test_the_api_takes_it_and_refuses_what_its_rules_refuse(admin: Caller) -> None:
    for wrong in ({}, {"echo_text": "x" * 21}):
        refused = admin.post("/scheduled-tasks", TASK | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "echo_text")


def test_the_api_document_describes_it(admin: Caller) -> None:
    fields = admin.get("/openapi.json").json()["components"]["schemas"]["TaskNew"]["properties"]
    assert "echo" in fields["execution_type"]["enum"]
    assert "`echo`: Returns the task's text. Its time limit is 7 s" in fields["execution_type"]["description"]
    assert fields["echo_text"]["anyOf"][0]["maxLength"] == 20


def test_the_form_has_its_fields_and_saves_it() -> None:
    client = world().client("admin")
    shown = client.get(ADD).content.decode()
    assert "Echo 7" in shown
    assert 'name="echo_text"' in shown
    values = FORM | {"execution_type": "echo", "script_content": ""}
    errors = client.post(ADD, values).context["adminform"].form.errors
    assert set(errors) == {"echo_text"}
    client.post(ADD, values | {"echo_text": "hello"})
    assert ScheduledTask.objects.get(execution_type="echo").echo_text == "hello"  # type: ignore[attr-defined]


def test_a_run_runs_on_its_queue_and_its_metrics_say_its_kind(task: ScheduledTask, settings: Any) -> None:
    run = runs.run_now(task, SYSTEM, timezone.now())
    assert queue_depth(SYSTEM, timezone.now())["echo"] == 1
    attempt(run.trace_id)
    run = Run.objects.get()
    metrics.flush()
    settings.METRICS_TOKEN = "scrape-me"
    shown = Client().get("/metrics", headers={"authorization": "Bearer scrape-me"}).content.decode()
    assert 'platform_runs_total{kind="echo",reason="",status="success"} 1.0' in shown
    assert (run.status, run.execution_type, run.result) == ("success", "echo", "hello")


def test_documents_carry_it(task: ScheduledTask, tmp_path: Path) -> None:
    out = StringIO()
    call_command("export_tasks", stdout=out)
    document = tmp_path / "tasks.yaml"
    document.write_text(out.getvalue())
    assert "echo_text: hello" in out.getvalue()
    task.delete()
    call_command("import_tasks", str(document), stdout=StringIO())
    assert ScheduledTask.objects.get().echo_text == "hello"  # type: ignore[attr-defined]
