"""A task that lacks what no run of it could do without: nothing begins, whoever asks, and the words say why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduling.acts import backfills, hooks, runs
from scheduling.models import Backfill, IncompleteTaskError, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import HOUR, NOW
from scheduling.worker.attempt import attempt
from tenants.access import SYSTEM
from testing.actors import ANN

pytestmark = pytest.mark.django_db(transaction=True)
COMPLETE: dict[str, dict[str, Any]] = {
    "script": {"script_content": "result = 1"},
    "webhook": {"webhook_url": "http://127.0.0.1:9/"},
    "dify": {"dify_url": "http://127.0.0.1:9", "dify_api_key": "app-0123456789abcdef"},
}
LACKING = [(kind, column) for kind, columns in COMPLETE.items() for column in columns]


def complete(kind: str) -> ScheduledTask:
    return make.task(execution_type=kind, **COMPLETE[kind])


def without(column: str, task: ScheduledTask) -> ScheduledTask:
    ScheduledTask.objects.filter(pk=task.pk).update(**{column: " ", "is_enabled": False})
    return ScheduledTask.objects.get(pk=task.pk)


@pytest.mark.parametrize(("kind", "column"), LACKING)
@pytest.mark.parametrize("act", ["run now", "rerun", "backfill", "hook"])
def test_no_act_queues_a_run(kind: str, column: str, act: str) -> None:
    task = complete(kind)
    old = make.run(task, status="failed")
    hooks.issue(task, SYSTEM)
    task = without(column, task)
    acts: dict[str, Callable[[], object]] = {
        "run now": lambda: runs.run_now(task, ANN, NOW),
        "rerun": lambda: runs.rerun(old, ANN, NOW),
        "backfill": lambda: backfills.start(task, NOW - HOUR, NOW, 1, SYSTEM, NOW),
        "hook": lambda: hooks.call(task.hook, {}, "", "", NOW),
    }
    with pytest.raises(IncompleteTaskError) as error:
        acts[act]()
    assert error.value.columns == [column]
    assert (Run.objects.get(), Backfill.objects.count()) == (old, 0)


@pytest.mark.parametrize(("kind", "column"), LACKING)
def test_a_run_that_was_queued_before_ends_in_words(kind: str, column: str) -> None:
    task = complete(kind)
    run = make.run(task)
    without(column, task)
    attempt(run.trace_id)
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("failed", "config_error")
    assert run.error == f"Fill in these fields before the task can run: {column}."


def test_a_script_hears_of_a_dify_task_that_lacks_something() -> None:
    without("dify_api_key", complete("dify"))
    run = make.run(make.task(script_content="dify({})"))
    attempt(run.trace_id)
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("failed", "script_error")
    assert "Fill in these fields before the task can run: dify_api_key." in run.error
