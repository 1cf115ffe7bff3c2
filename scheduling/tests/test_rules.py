"""What a task must be stands in one table: by whatever way it is saved, the same is refused in the same words."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling import rules
from scheduling.engine import changes
from scheduling.engine.flaws import Flawed
from scheduling.models import ScheduledTask
from scheduling.tests import make
from scheduling.tests.admin.test_task_form import ADD, FORM
from scheduling.tests.make import NOW
from tenants.access import SYSTEM
from tests.callers import member
from tests.world import World, world

pytestmark = pytest.mark.django_db
WRONG: list[tuple[str, Any]] = [
    ("keep_runs_days", 0),
    ("memory_mb", 1),
    ("cpu_seconds", 0),
    ("timeout_seconds", 0),
    ("timeout_seconds", 999_999_999),
    ("retry_count", 32_000),
    ("retry_interval", 86_401),
    ("misfire_grace_seconds", 2_678_401),
    ("priority", 10),
    ("alert_after_failures", 0),
    ("alert_max_duration_seconds", 0),
    ("window_start_param", "a b;c"),
    ("window_end_param", "1"),
]
OVER_THE_OPERATORS = [("memory_mb", 4097), ("cpu_seconds", 3601)]
NAMED = pytest.mark.parametrize(("column", "value"), WRONG + OVER_THE_OPERATORS)


@pytest.fixture
def ours() -> World:
    return world()


def row(**columns: Any) -> ScheduledTask:
    made = {"task_name": "t", "time_points": ["08:00"], "script_content": "result = 1"}
    return ScheduledTask(tenant=make.tenant(), **made | columns)


@NAMED
def test_no_task_is_created_or_changed_past_the_table(column: str, value: Any) -> None:
    with pytest.raises(Flawed) as error:
        changes.create(row(**{column: value}), SYSTEM, NOW)
    assert [(one.field, one.message) for one in error.value.flaws] == [(column, rules.flaw(column, value))]
    task = changes.create(row(), SYSTEM, NOW)
    with pytest.raises(Flawed):
        changes.update(task.pk, lambda one: setattr(one, column, value), SYSTEM, NOW)


@NAMED
def test_the_form_and_the_api_refuse_it_in_the_same_words(ours: World, column: str, value: Any) -> None:
    answer = ours.client("admin").post(ADD, FORM | {column: str(value)})
    assert answer.status_code == 200, "it was saved"
    assert answer.context["adminform"].form.errors == {column: [rules.flaw(column, value)]}
    admin = member("admin")
    task = changes.create(row(), SYSTEM, NOW)
    refused = admin.put(f"/scheduled-tasks/{task.pk}", {column: value})
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == [column]


@pytest.mark.parametrize(("column", "value"), OVER_THE_OPERATORS)
def test_the_operators_maximum_is_named_and_holds_for_rows_saved_before(
    settings: Any, column: str, value: int
) -> None:
    setting = rules.RANGES[column].setting
    assert setting in rules.flaw(column, value)
    setattr(settings, setting, value)
    assert rules.flaw(column, value) == ""


def test_a_run_is_held_to_the_operators_time_limit(settings: Any) -> None:
    task = make.task(timeout_seconds=80_000)
    settings.TASK_MAX_TIMEOUT_SECONDS = 60
    assert task.timeout.total_seconds() == 60


def test_a_task_that_became_wrong_by_a_later_rule_can_be_switched_off(settings: Any) -> None:
    task = changes.create(row(memory_mb=1000), SYSTEM, NOW)
    settings.SCRIPT_MAX_MEMORY_MB = 512
    changes.update(task.pk, lambda one: setattr(one, "is_enabled", False), SYSTEM, NOW)
    with pytest.raises(Flawed):
        changes.update(task.pk, lambda one: setattr(one, "is_enabled", True), SYSTEM, NOW)


def test_a_full_tenant_takes_no_more_by_any_way() -> None:
    make.tenant(max_tasks=1)
    changes.create(row(), SYSTEM, NOW)
    with pytest.raises(changes.TenantFullError):
        changes.create(row(), SYSTEM, NOW)
    assert ScheduledTask.objects.count() == 1
