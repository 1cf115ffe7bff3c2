"""Tasks by form: what is saved, refused and shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from notifications.models import WeComApp
from scheduling.admin.task_form import FIELDSETS, SHOWN_WHEN
from scheduling.models import Run, RunStatus, ScheduledTask, TaskVersion
from tenants.models import AuditEntry
from testing.world import World
from testing.world import task as new_task

ADD = "/admin/scheduling/scheduledtask/add/"
FORM = {
    "tenant": "ours",
    "task_name": "new task",
    "is_enabled": "on",
    "priority": "5",
    "execution_type": "script",
    "script_content": "result = 1",
    "input_params": "{}",
    "schedule_type": "simple",
    "time_points": "08:00, 12:30",
    "timezone": "Asia/Shanghai",
    "calendar_policy": "skip",
    "spread_seconds": "0",
    "catch_up": "each",
    "on_window_failure": "hold",
    "window_start_param": "start_time",
    "window_end_param": "end_time",
    "window_time_format": "%Y",
    "dify_app_type": "workflow",
    "dify_response_mode": "streaming",
    "webhook_method": "POST",
    "misfire_policy": "fire_once",
    "misfire_grace_seconds": "300",
    "overlap_policy": "skip",
    "retry_count": "0",
    "retry_interval": "60",
    "retry_backoff": "fixed",
    "alert_after_failures": "1",
}


def page(task: ScheduledTask) -> str:
    return reverse("admin:scheduling_scheduledtask_change", args=[task.pk])


INTERVAL = {"schedule_type": "interval", "interval_minutes": "30", "use_windows": "on"}


def loaded(client: Client, task: ScheduledTask) -> dict[str, str]:
    """What the task's page, as it is now, carries of the row."""
    shown = client.get(page(task))
    value = shown.context["adminform"].form.loaded
    assert escape(value) in shown.content.decode()
    return {"loaded_version": value}


def errors(client: Client, address: str = ADD, **changes: Any) -> dict[str, Any]:
    answer = client.post(address, FORM | changes)
    assert answer.status_code == 200, "it was saved"
    found: dict[str, Any] = answer.context["adminform"].form.errors
    return found


KINDS = [
    {},
    {"execution_type": "webhook", "webhook_url": "https://example.com/hook"},
    {"execution_type": "dify", "dify_url": "https://dify.example.com/v1", "dify_api_key": "app-key"},
]
SCHEDULES = [
    {},
    {"schedule_type": "cron", "cron_expression": "*/15 9-18 * * MON-FRI"},
    {"schedule_type": "interval", "interval_minutes": "30", "use_windows": "on"},
    {"schedule_type": "once", "run_at_0": "2099-01-01", "run_at_1": "08:00:00"},
]


@pytest.mark.parametrize("kind", KINDS, ids=["script", "webhook", "dify"])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=["simple", "cron", "interval", "once"])
def test_a_task_of_each_kind_and_schedule_is_created_with_version_and_due_time(
    world: World, kind: dict[str, str], schedule: dict[str, str]
) -> None:
    answer = world.client("admin").post(ADD, FORM | kind | schedule)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    task = ScheduledTask.objects.get(task_name="new task")
    assert task.next_run_at is not None
    assert TaskVersion.objects.get(task=task).by == "admin"
    entry = AuditEntry.objects.get(object_type="scheduledtask", object_id=task.pk)
    assert (entry.action, entry.username) == ("create", "admin")
    assert world.client("admin").get(page(task)).status_code == 200


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("time_points", {"time_points": "25:00"}),
        ("time_points", {"time_points": ""}),
        ("cron_expression", {"schedule_type": "cron", "cron_expression": "0 0 31 2 *"}),
        ("interval_minutes", {"schedule_type": "interval"}),
        ("run_at", {"schedule_type": "once"}),
        ("timezone", {"timezone": "Asia/Nowhere"}),
        ("script_content", {"script_content": "def"}),
        ("webhook_url", {"execution_type": "webhook"}),
        ("dify_api_key", {"execution_type": "dify", "dify_url": "https://dify.example.com/v1"}),
        ("webhook_headers", {"webhook_headers": '{"X": 1}'}),
        ("input_params", {"input_params": "[1]"}),
        ("priority", {"priority": "10"}),
    ],
)
def test_what_is_wrong_stands_beside_its_field(world: World, field: str, changes: dict[str, str]) -> None:
    assert list(errors(world.client("admin"), **changes)) == [field]


def test_a_schedules_error_is_told_in_the_readers_language(world: World) -> None:
    [text] = errors(world.client("admin", "zh-hans"), time_points="25:00")["time_points"]
    assert "不是时间点" in text


def test_somebody_who_may_only_look_sees_the_fields_of_the_tasks_kind(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(notify_channels=[world.channel.pk])
    shown = world.client("viewer").get(page(world.task)).content.decode()
    assert "result = &#x27;done&#x27;" in shown
    assert "our group" in shown
    assert "08:00" in shown
    for other in ("Dify address", "Webhook address", "CRON expression", "Interval in minutes"):
        assert other not in shown


def test_channels_are_those_of_the_tenant(world: World) -> None:
    client = world.client("admin")
    assert "notify_channels" in errors(client, notify_channels=[world.their_channel.pk])
    assert "notify_channels" in errors(world.client("superuser"), notify_channels=[world.their_channel.pk])
    assert client.post(ADD, FORM | {"notify_channels": [world.channel.pk]}).status_code == 302
    assert ScheduledTask.objects.get(task_name="new task").notify_channels == [world.channel.pk]


def test_a_wecom_app_of_another_tenant_is_refused_beside_its_field(world: World) -> None:
    theirs = WeComApp.objects.create(
        tenant=world.theirs, app_name="theirs", corp_id="c", agent_id=1, corp_secret="s"
    )
    for who in ("admin", "superuser"):
        assert list(errors(world.client(who), notify_wecom_app=theirs.pk)) == ["notify_wecom_app"]


def test_a_full_tenant_takes_no_more_tasks(world: World) -> None:
    type(world.ours).objects.filter(pk=world.ours.pk).update(max_tasks=1)
    assert "tenant" in errors(world.client("admin"))


def test_an_unchanged_form_makes_no_version(world: World) -> None:
    client = world.client("admin")
    client.post(ADD, FORM)
    task = ScheduledTask.objects.get(task_name="new task")
    assert client.post(page(task), FORM | loaded(client, task)).status_code == 302
    task.refresh_from_db()
    assert task.version == 1


def test_a_change_is_versioned_and_shown_with_what_was_before(world: World) -> None:
    client = world.client("admin")
    client.post(ADD, FORM | {"webhook_secret": "first-secret"})
    task = ScheduledTask.objects.get(task_name="new task")
    changes = {"task_name": "renamed", "time_points": "09:00", "webhook_secret": "second-secret"}
    assert client.post(page(task), FORM | changes | loaded(client, task)).status_code == 302
    shown = client.get(page(task))
    newest, _, changed = shown.context["versions"][0]
    assert newest.version == 2
    assert changed == "name, time points, webhook secret"
    assert "first-secret" not in shown.content.decode()


def test_a_column_that_two_have_changed_is_refused_to_the_second(world: World) -> None:
    client = world.client("admin")
    client.post(ADD, FORM)
    task = ScheduledTask.objects.get(task_name="new task")
    before = loaded(client, task)
    client.post(page(task), FORM | {"task_name": "theirs"} | before)
    assert list(errors(client, page(task), task_name="mine", **before)) == ["task_name"]
    task.refresh_from_db()
    assert task.task_name == "theirs"


def test_a_column_that_the_user_left_alone_keeps_what_somebody_else_wrote_meanwhile(world: World) -> None:
    client = world.client("admin")
    client.post(ADD, FORM | {"webhook_secret": "first", "start_at_0": "2026-01-05", "start_at_1": "08:07:09"})
    task = ScheduledTask.objects.get(task_name="new task")
    form = FORM | {"start_at_0": "2026-01-05", "start_at_1": "08:07:09"} | loaded(client, task)
    theirs = {"time_points": "07:00", "input_params": '{"a": 1}', "webhook_secret": "second",
              "start_at_1": "09:00:00"}  # fmt: skip
    assert client.post(page(task), form | theirs).status_code == 302
    assert client.post(page(task), form | {"task_name": "mine"}).status_code == 302
    task.refresh_from_db()
    assert (task.task_name, task.time_points, task.input_params) == ("mine", ["07:00"], {"a": 1})
    assert task.webhook_secret == "second"
    assert task.start_at == datetime(2026, 1, 5, 1, tzinfo=UTC)
    newest = TaskVersion.objects.filter(task=task).latest("version")
    assert newest.summary == "task_name"


def test_an_open_form_never_sets_back_what_the_platform_writes(world: World) -> None:
    """The window cursor, the next due time, the last status: saving a task is no way to set them."""
    client = world.client("admin")
    client.post(ADD, FORM | INTERVAL)
    task = ScheduledTask.objects.get(task_name="new task")
    before = loaded(client, task)
    cursor = timezone.now().replace(second=5, microsecond=0)
    written = {
        "last_end_time": cursor,
        "last_run_status": "success",
        "last_run_message": "m",
        "deps_status": "ready",
    }
    ScheduledTask.objects.filter(pk=task.pk).update(**written)
    old = {"last_end_time_0": "2026-01-01", "last_end_time_1": "00:00:00", "last_run_status": "failed"}
    assert client.post(page(task), FORM | INTERVAL | {"task_name": "mine"} | old | before).status_code == 302
    stored = ScheduledTask.objects.filter(pk=task.pk).values("task_name", *written).get()
    assert stored == {"task_name": "mine", **written, "deps_status": stored["deps_status"]}
    assert not TaskVersion.objects.filter(task=task, summary__contains="last_end_time").exists()


def test_a_page_that_came_back_with_an_error_is_still_the_one_that_was_loaded(world: World) -> None:
    client = world.client("admin")
    client.post(ADD, FORM)
    task = ScheduledTask.objects.get(task_name="new task")
    before = loaded(client, task)
    client.post(page(task), FORM | {"task_desc": "theirs"} | before)
    answer = client.post(page(task), FORM | {"time_points": "25:00"} | before)
    assert {"loaded_version": answer.context["adminform"].form.loaded} == before


def test_a_task_that_lacks_something_is_not_switched_on(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(script_content="", is_enabled=False)
    world.client("operator").post(reverse("admin:scheduling_scheduledtask_enable", args=[world.task.pk]))
    world.task.refresh_from_db()
    assert not world.task.is_enabled


def act(name: str, row: ScheduledTask) -> str:
    return reverse(f"admin:scheduling_scheduledtask_{name}", args=[row.pk])


def test_two_who_switch_a_task_off_at_once_leave_it_off(world: World) -> None:
    listed = reverse("admin:scheduling_scheduledtask_changelist")
    shown = world.client("operator").get(listed).content.decode()
    addresses = re.findall(r'class="switch"[^>]*formaction="([^"]*)"', shown)
    [address] = [one for one in addresses if f"/{world.task.pk}/" in one]
    for name in ("operator", "admin"):
        assert world.client(name).post(address).status_code == 302
    world.task.refresh_from_db()
    assert (world.task.is_enabled, world.task.version) == (False, 2)


def test_a_tasks_page_offers_the_other_state(world: World) -> None:
    client, off, on = world.client("operator"), act("disable", world.task), act("enable", world.task)
    assert off in client.get(page(world.task)).content.decode()
    client.post(off)
    shown = client.get(page(world.task)).content.decode()
    assert on in shown
    assert off not in shown


def test_a_deleted_tasks_runs_stay_and_can_be_read(world: World) -> None:
    client = world.client("admin")
    run_page = client.post(reverse("admin:scheduling_scheduledtask_run", args=[world.task.pk]))["Location"]
    delete = reverse("admin:scheduling_scheduledtask_delete", args=[world.task.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 302
    assert Run.objects.get().status == RunStatus.CANCELED
    assert "our report (deleted)" in client.get(run_page).content.decode()


def preview(client: Client, **columns: str) -> str:
    return client.post("/admin/scheduling/scheduledtask/preview/", FORM | columns).content.decode()


def test_the_preview_shows_the_next_due_times_in_words_and_numbers(world: World) -> None:
    shown = preview(world.client("admin"), schedule_type="once", run_at_0="2099-01-05", run_at_1="08:00:00")
    assert "2099-01-05 08:00:00 (Mon)" in shown
    assert shown.count("<li>") == 1
    assert preview(world.client("admin", "zh-hans")).count("<li>") == 10
    assert "每天" in preview(world.client("admin", "zh-hans"))


def test_the_preview_says_what_is_wrong_and_when_nothing_will_come(world: World) -> None:
    assert "is not a time point" in preview(world.client("admin"), time_points="99:00")
    ended = preview(world.client("admin"), end_at_0="2001-01-01", end_at_1="00:00:00")
    assert "The schedule has ended" in ended


def test_the_preview_of_data_windows_goes_on_from_the_cursor(world: World) -> None:
    cursor = datetime(2099, 1, 5, 0, 7, tzinfo=UTC)
    ScheduledTask.objects.filter(pk=world.task.pk).update(last_end_time=cursor)
    address = f"/admin/scheduling/scheduledtask/preview/?task={world.task.pk}"
    columns = FORM | INTERVAL | {"interval_minutes": "60"}
    assert "09:07:00" in world.client("admin").post(address, columns).content.decode()


def test_the_form_has_every_column_that_a_user_sets() -> None:
    named = {name for _, options in FIELDSETS for line in options["fields"] for name in _names(line)}
    columns = {
        field.name
        for field in ScheduledTask._meta.concrete_fields
        if field.editable and not field.primary_key
    }
    assert named - {"next_times", "trial"} == columns
    assert set(SHOWN_WHEN) <= named


def test_a_choice_stands_before_what_depends_on_it() -> None:
    names = [*SHOWN_WHEN]
    for name, (choice, _values) in SHOWN_WHEN.items():
        assert choice not in names[names.index(name) :]


def _names(line: str | tuple[str, ...]) -> tuple[str, ...]:
    return line if isinstance(line, tuple) else (line,)


def test_the_lists_ask_the_database_no_more_often_for_more_rows(
    world: World, django_assert_max_num_queries: Any
) -> None:
    client = world.client("admin")
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/scheduling/scheduledtask/")
    for number in range(10):
        new_task(world.ours, f"task {number}")
    with django_assert_max_num_queries(len(few)):
        client.get("/admin/scheduling/scheduledtask/")


def test_scripts_json_and_templates_name_the_editor_they_want(world: World) -> None:
    form = world.client("admin").get(page(world.task)).context["adminform"].form
    named = {name: field.widget.attrs.get("data-editor") for name, field in form.fields.items()}
    assert {name: language for name, language in named.items() if language} == {
        "script_content": "python",
        "script_deps": "text",
        "input_params": "json",
        "webhook_headers": "json",
        "webhook_body_template": "jinja",
        "result_template": "jinja",
        "dify_query": "jinja",
    }


@pytest.mark.parametrize(("who", "offered"), [("viewer", False), ("operator", True), ("admin", True)])
def test_a_test_run_is_offered_to_those_who_may_run(world: World, who: str, offered: bool) -> None:
    shown = world.client(who).get(page(world.task)).content.decode()
    assert ('id="trial"' in shown) is offered


def test_only_a_script_can_be_tried(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(execution_type="webhook")
    assert 'id="trial"' not in world.client("operator").get(page(world.task)).content.decode()


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"a":' * 200_000, '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}']
)
@pytest.mark.parametrize("field", ["input_params", "webhook_headers"])
def test_json_that_no_column_can_hold_is_refused_in_words(world: World, field: str, text: str) -> None:
    assert field in errors(world.client("admin"), **{field: text})


def test_a_success_condition_is_offered_kept_and_judged(world: World) -> None:
    client = world.client("admin")
    offered = '<option value="errcode == 0" label="钉钉、企业微信">'
    assert offered in client.get(ADD, headers={"accept-language": "zh-hans"}).content.decode()
    client.post(ADD, FORM | {"task_name": "judged", "webhook_success_condition": "code in [0, 200]"})
    assert ScheduledTask.objects.get(task_name="judged").webhook_success_condition == "code in [0, 200]"
    shown = client.post(ADD, FORM | {"webhook_success_condition": "code in 0, 200"})
    assert "webhook_success_condition" in shown.context["adminform"].form.errors


def test_what_a_task_probably_does_not_mean_is_said_when_it_is_saved(world: World) -> None:
    body = {"task_name": "braces", "webhook_body_template": '{"text": "{task_name}"}'}
    saved = world.client("admin").post(ADD, FORM | body, follow=True)
    assert any("{{ task_name }}" in str(message) for message in saved.context["messages"])
