"""What a task's fields may be: every refusal names its field."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from notifications.models import NotifyChannel
from scheduling.api import task_schemas
from scheduling.models import ScheduledTask
from testing.callers import Caller, fields, has_chinese, member, tenant
from testing.callers import superuser as root

pytestmark = pytest.mark.django_db
GOOD = {"tenant_id": "acme", "task_name": "t", "time_points": ["08:00"], "script_content": "pass"}


@pytest.fixture
def admin() -> Caller:
    return member("admin")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"nope": 1}, "nope"),
    ({"task_name": ""}, "task_name"),
    ({"task_name": "  "}, "task_name"),
    ({"task_name": "x" * 101}, "task_name"),
    ({"task_name": None}, "task_name"),
    ({"priority": 10}, "priority"),
    ({"priority": "5"}, "priority"),
    ({"priority": True}, "priority"),
    ({"priority": 1.5}, "priority"),
    ({"is_enabled": 1}, "is_enabled"),
    ({"retry_count": -1}, "retry_count"),
    ({"timeout_seconds": 0}, "timeout_seconds"),
    ({"timeout_seconds": 86_401}, "timeout_seconds"),
    ({"interval_minutes": 2**40}, "interval_minutes"),
    ({"execution_type": "shell"}, "execution_type"),
    ({"schedule_type": "yearly"}, "schedule_type"),
    ({"time_points": ["24:00"]}, "time_points"),
    ({"time_points": "08:00"}, "time_points"),
    ({"time_points": []}, "time_points"),
    ({"schedule_type": "cron", "cron_expression": "61 * * * *"}, "cron_expression"),
    ({"schedule_type": "cron", "cron_expression": "0 0 31 2 *"}, "cron_expression"),
    ({"schedule_type": "cron"}, "cron_expression"),
    ({"schedule_type": "interval"}, "interval_minutes"),
    ({"schedule_type": "once"}, "run_at"),
    ({"run_at": "2026-01-01T00:00:00"}, "run_at"),
    ({"run_at": "tomorrow"}, "run_at"),
    ({"run_at": 1_700_000_000}, "run_at"),
    ({"start_at": "9999-12-31T23:59:59Z"}, "start_at"),
    ({"start_at": "2026-02-01T00:00:00Z", "end_at": "2026-01-01T00:00:00Z"}, "end_at"),
    ({"timezone": "Mars/Base"}, "timezone"),
    ({"calendar": "de_workday"}, "calendar"),
    ({"input_params": []}, "input_params"),
    ({"input_params": {"a": "x" * (256 << 10)}}, "input_params"),
    ({"notify_channels": [999]}, "notify_channels"),
    ({"notify_channels": ["1"]}, "notify_channels.0"),
    ({"notify_wecom_app_id": 999}, "notify_wecom_app_id"),
    ({"alert_after_failures": 0}, "alert_after_failures"),
    ({"alert_max_duration_seconds": 0}, "alert_max_duration_seconds"),
    ({"notify_channels": [0]}, "notify_channels.0"),
    ({"webhook_url": "ftp://example.com"}, "webhook_url"),
    ({"webhook_url": "https://user:pw@example.com"}, "webhook_url"),
    ({"webhook_url": "http://0x7f.1/"}, "webhook_url"),
    ({"webhook_method": "TRACE"}, "webhook_method"),
    ({"webhook_headers": {"A": 1}}, "webhook_headers.A"),
    ({"webhook_headers": {"A": "x\r\nB: y"}}, "webhook_headers.A"),
    ({"webhook_body_template": "{{ x"}, "webhook_body_template"),
    ({"webhook_success_condition": "errcode = 0"}, "webhook_success_condition"),
    ({"result_template": "{% if %}"}, "result_template"),
    ({"script_content": "def f(:"}, "script_content"),
    ({"script_content": "return 1"}, "script_content"),
    ({"script_content": ""}, "script_content"),
    ({"execution_type": "dify", "dify_url": "https://d.example/v1"}, "dify_api_key"),
    ({"execution_type": "webhook"}, "webhook_url"),
    ({"tenant_id": "nobody"}, "tenant_id"),
    ({"tenant_id": "a b"}, "tenant_id"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=lambda value: str(value)[:60])
def test_a_wrong_field_is_refused_by_its_name(admin: Caller, wrong: dict[str, Any], field: str) -> None:
    refused = admin.post("/scheduled-tasks", GOOD | wrong)
    assert refused.status_code == 422, refused.content
    assert fields(refused) == {field}
    assert not ScheduledTask.objects.exists()


def test_all_that_is_wrong_is_said_at_once(admin: Caller) -> None:
    refused = admin.post(
        "/scheduled-tasks", GOOD | {"timezone": "X", "time_points": ["9"], "script_content": "("}
    )
    assert fields(refused) == {"timezone", "time_points", "script_content"}


def test_a_syntax_error_is_told_by_line_and_column(admin: Caller) -> None:
    refused = admin.post("/scheduled-tasks", GOOD | {"script_content": "x = 1\ny = = 2\n"})
    assert refused.json()["errors"][0]["message"] == "Line 2, column 5: invalid syntax"


def test_a_script_is_never_executed_to_be_checked(admin: Caller, tmp_path: Any) -> None:
    source = f"open({str(tmp_path / 'ran')!r}, 'w')"
    assert admin.post("/scheduled-tasks", GOOD | {"script_content": source}).status_code == 201
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("source", ["(" * 5000, "-" * 50_000 + "1", "[" * 90 + "]" * 90, "\\", "x = '\\d'"])
def test_no_script_brings_the_compiler_down(admin: Caller, source: str) -> None:
    assert admin.post("/scheduled-tasks", GOOD | {"script_content": source}).status_code in (201, 422)


OTHERWISE_WRONG: list[dict[str, Any]] = [
    {"script_deps": "pandas >"},
    {"script_deps": "git+https://example.com/x"},
    {"script_content": "# /// script\n# dependencies = 7\n# ///"},
    {"notify_channels": [1]},  # another tenant's
    {"window_time_format": ""},
    {"webhook_headers": []},
    {"notify_channels": [1] * 101},
]


@pytest.mark.parametrize("wrong", [w for w, _ in WRONG] + OTHERWISE_WRONG, ids=lambda value: str(value)[:60])
def test_it_is_said_in_the_readers_language(admin: Caller, wrong: dict[str, Any]) -> None:
    NotifyChannel.objects.create(pk=1, tenant=tenant("other"), channel_name="c", channel_type="dingtalk_bot")
    english = admin.post("/scheduled-tasks", GOOD | wrong)
    chinese = admin.in_language("zh-CN").post("/scheduled-tasks", GOOD | wrong)
    assert (english.status_code, chinese.status_code) == (422, 422)
    assert fields(english) == fields(chinese)
    for answer, expected in ((english, False), (chinese, True)):
        for error in answer.json()["errors"]:
            assert has_chinese(error["message"]) == expected, error


def test_a_write_that_names_another_tenant_is_forbidden_and_a_global_one_too(admin: Caller) -> None:
    tenant("other")
    assert admin.post("/scheduled-tasks", GOOD | {"tenant_id": "other"}).status_code == 403
    assert admin.post("/scheduled-tasks", GOOD | {"tenant_id": None}).status_code == 403
    without = {name: value for name, value in GOOD.items() if name != "tenant_id"}
    assert admin.post("/scheduled-tasks", without).json()["tenant_id"] == "acme"
    assert root().post("/scheduled-tasks", without).json()["tenant_id"] is None


def test_schema_and_columns_offer_the_same_choices() -> None:
    columns = {field.name: field for field in ScheduledTask._meta.concrete_fields}
    for name, field in task_schemas.TaskFields.model_fields.items():
        offered = [
            choice for part in (field.annotation, *get_args(field.annotation)) for choice in get_args(part)
        ]
        if choices := getattr(columns.get(name), "choices", None):
            assert {str(value) for value, _ in choices} <= set(map(str, offered)), name


def test_every_column_that_a_user_sets_is_a_field() -> None:
    set_elsewhere = {
        "id",
        "is_default",
        "anchor_at",
        "tenant_id",
        "last_end_time",
        "created_at",
        "updated_at",
        "version",
    }
    columns = {f.attname for f in ScheduledTask._meta.concrete_fields if f.editable} - set_elsewhere
    assert columns <= set(task_schemas.TaskFields.model_fields)


def test_parameters_may_be_nested_as_deep_as_any_json_of_others(admin: Caller) -> None:
    """Also where the database's own JSON takes 31 levels, as MariaDB's does."""
    value: Any = "end"
    for _ in range(60):
        value = [value]
    made = admin.post("/scheduled-tasks", GOOD | {"input_params": {"deep": value}})
    assert made.status_code == 201, made.content
    path = f"/scheduled-tasks/{made.json()['id']}"
    assert admin.get(path).json()["input_params"] == {"deep": value}
    assert admin.post(f"{path}/run", {"params": {"more": value}}).status_code == 202
