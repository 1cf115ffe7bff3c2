"""What an earlier version gives back to a task, and what stays as it is."""

from typing import Any

import pytest

from scheduling.acts import versions
from scheduling.models import ScheduledTask, TaskVersion
from scheduling.tests import make
from scheduling.tests.make import NOW

pytestmark = pytest.mark.django_db


def restored(task: ScheduledTask, **fields: Any) -> ScheduledTask:
    """The task without its being saved."""
    versions.restore(task, TaskVersion(task=task, version=1, fields=fields))
    return task


def test_columns_get_back_their_values_and_times_are_times() -> None:
    task = restored(make.task(end_at=NOW), task_name="old", end_at="2026-01-02T03:04:05+00:00")
    assert (task.task_name, task.end_at) == (
        "old",
        NOW.replace(month=1, day=2, hour=3, minute=4, second=5),
    )
    assert restored(task, end_at=None).end_at is None


def test_nothing_is_saved() -> None:
    task = restored(make.task(), task_name="old")
    task.refresh_from_db()
    assert task.task_name == "report"


def test_the_tenant_and_the_switch_stay() -> None:
    make.tenant("rival")
    task = restored(make.task(), tenant="rival", is_enabled=False)
    assert (task.tenant_id, task.is_enabled) == ("acme", True)


def test_a_column_that_the_version_lacks_stays_and_one_that_is_gone_is_passed_over() -> None:
    task = restored(make.task(priority=7, webhook_secret="s3cret"), task_name="old", no_such_column=1)
    assert (task.priority, task.webhook_secret) == (7, "s3cret")
    assert not hasattr(task, "no_such_column")
