"""What a task must be stands in one table: by whatever way it is saved, the same is refused in the same words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from common.rules import Range
from scheduling import rules
from scheduling.acts import tasks
from scheduling.acts.task_rules import InvalidTaskError
from scheduling.models import ScheduledTask
from scheduling.tests import make
from scheduling.tests.admin.test_task_form import ADD, FORM
from scheduling.tests.make import NOW
from tenants.access import SYSTEM
from testing.callers import member
from testing.world import World, world

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
FAR = datetime(9999, 12, 31, tzinfo=UTC)
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
    with pytest.raises(InvalidTaskError) as error:
        tasks.create(row(**{column: value}), SYSTEM, NOW)
    assert [(one.field, one.message) for one in error.value.problems] == [
        (column, rules.RULES[column].problem_with(value))
    ]
    task = tasks.create(row(), SYSTEM, NOW)
    with pytest.raises(InvalidTaskError):
        tasks.update(task.pk, lambda one: setattr(one, column, value), SYSTEM, NOW)


@NAMED
def test_the_form_and_the_api_refuse_it_in_the_same_words(ours: World, column: str, value: Any) -> None:
    answer = ours.client("admin").post(ADD, FORM | {column: str(value)})
    assert answer.status_code == 200, "it was saved"
    assert answer.context["adminform"].form.errors == {column: [rules.RULES[column].problem_with(value)]}
    admin = member("admin")
    task = tasks.create(row(), SYSTEM, NOW)
    refused = admin.put(f"/scheduled-tasks/{task.pk}", {column: value})
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == [column]


@pytest.mark.parametrize(("column", "value"), OVER_THE_OPERATORS)
def test_the_operators_maximum_is_named_and_holds_for_rows_saved_before(
    settings: Any, column: str, value: int
) -> None:
    rule = rules.RULES[column]
    assert isinstance(rule, Range)
    setting = rule.setting
    assert setting in rule.problem_with(value)
    setattr(settings, setting, value)
    assert rule.problem_with(value) == ""


def test_a_run_is_held_to_the_operators_time_limit(settings: Any) -> None:
    task = make.task(timeout_seconds=80_000)
    settings.TASK_MAX_TIMEOUT_SECONDS = 60
    assert task.timeout.total_seconds() == 60


def test_a_task_that_became_wrong_by_a_later_rule_can_be_switched_off(settings: Any) -> None:
    task = tasks.create(row(memory_mb=1000), SYSTEM, NOW)
    settings.SCRIPT_MAX_MEMORY_MB = 512
    tasks.update(task.pk, lambda one: setattr(one, "is_enabled", False), SYSTEM, NOW)
    with pytest.raises(InvalidTaskError):
        tasks.update(task.pk, lambda one: setattr(one, "is_enabled", True), SYSTEM, NOW)


def test_a_full_tenant_takes_no_more_by_any_way() -> None:
    make.tenant(max_tasks=1)
    tasks.create(row(), SYSTEM, NOW)
    with pytest.raises(tasks.TenantFullError):
        tasks.create(row(), SYSTEM, NOW)
    assert ScheduledTask.objects.count() == 1


@pytest.mark.parametrize(
    ("column", "columns"),
    [
        ("execution_type", {"execution_type": "shell"}),
        ("overlap_policy", {"overlap_policy": "perhaps"}),
        ("task_name", {"task_name": "x" * 101}),
        ("task_name", {"task_name": "a\x07b"}),
        ("task_desc", {"task_desc": "x" * 501}),
        ("cron_expression", {"schedule_type": "cron", "cron_expression": ",".join(["0"] * 60) + " * * * *"}),
        ("dify_user", {"dify_user": "x" * 101}),
        ("input_params", {"input_params": [1]}),
        ("input_params", {"input_params": {"a": "x" * (256 << 10)}}),
        ("input_params", {"input_params": {"a": "\x00"}}),
        ("webhook_headers", {"webhook_headers": '{"a b": "x"}'}),
        ("webhook_headers", {"webhook_headers": '["x"]'}),
        ("webhook_headers", {"webhook_headers": '{"a": "x\\ny"}'}),
        ("run_at", {"schedule_type": "once", "run_at": FAR}),
        ("start_at", {"start_at": FAR}),
        ("end_at", {"end_at": FAR}),
    ],
)
def test_no_import_creates_a_task_that_no_column_holds_or_nothing_runs(
    column: str, columns: dict[str, Any]
) -> None:
    with pytest.raises(InvalidTaskError) as error:
        tasks.create(row(**columns), SYSTEM, NOW)
    assert [one.field for one in error.value.problems] == [column]
    assert not ScheduledTask.objects.exists()


@pytest.mark.parametrize(
    ("column", "sent"),
    [
        ("webhook_headers", {"webhook_headers": '{"a b": "x"}'}),
        ("task_name", {"task_name": "a\x07b"}),
        *((name, {f"{name}_0": "9999-12-31", f"{name}_1": "00:00"}) for name in ("start_at", "end_at")),
    ],
)
def test_the_form_refuses_what_the_api_does(ours: World, column: str, sent: dict[str, str]) -> None:
    answer = ours.client("admin").post(ADD, FORM | sent)
    assert set(answer.context["adminform"].form.errors) == {column}
