"""A new run is the task as it is now, queued, unsaved, and the only one with its trace id."""

from __future__ import annotations

import re

import pytest

from scheduling.lifecycle.new_run import new_run
from scheduling.models import Run, Trigger
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW

pytestmark = pytest.mark.django_db


def test_it_keeps_what_the_task_is_now_whatever_the_task_becomes() -> None:
    task = make.task(input_params={"city": "Berlin"}, priority=7)
    run = new_run(task, Trigger.API, NOW)
    run.save()
    make.change(
        task,
        task_name="renamed",
        priority=1,
        input_params={},
        execution_type="webhook",
        webhook_url="http://a.b",
    )
    run = Run.objects.get()
    assert (run.task_id, run.task_name, run.task_version) == (task.pk, "report", 1)
    assert (run.execution_type, run.tenant_id, run.priority) == ("script", "acme", 7)
    assert run.params == {"city": "Berlin"}


def test_it_is_queued_for_its_time_and_nothing_has_happened_to_it() -> None:
    run = new_run(make.task(), Trigger.SCHEDULE, NOW + MINUTE)
    assert (run.status, run.trigger, run.not_before) == ("queued", "schedule", NOW + MINUTE)
    assert (run.attempt, run.error_code, run.due_at, run.fire_at, run.published_at) == (
        0,
        "",
        None,
        None,
        None,
    )
    assert not Run.objects.exists()


def test_a_global_tasks_run_is_no_tenants() -> None:
    assert new_run(make.task(tenant=None), Trigger.API, NOW).tenant_id is None


def test_each_has_a_trace_id_of_its_own_in_the_form_that_traces_have() -> None:
    task = make.task()
    trace_ids = {new_run(task, Trigger.API, NOW).trace_id for _ in range(3)}
    assert len(trace_ids) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", trace_id) for trace_id in trace_ids)
