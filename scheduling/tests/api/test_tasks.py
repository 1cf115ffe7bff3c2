"""/api/scheduled-tasks: what is written is what is shown, and what a task goes through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from scheduling.api.task_schemas import TaskFields, TaskShown
from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from tenants.models import AuditEntry, Tenant
from testing.callers import Caller, fields, member, superuser, tenant

pytestmark = pytest.mark.django_db
ROBOT = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"


@pytest.fixture
def admin() -> Caller:
    return member("admin")


def script(**fields: Any) -> dict[str, Any]:
    return {
        "tenant_id": "acme",
        "task_name": "report",
        "time_points": ["08:00"],
        "script_content": "result = 1",
    } | fields


def webhook(**fields: Any) -> dict[str, Any]:
    return script(execution_type="webhook", script_content="", webhook_url="https://example.com/run") | fields


def made(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    response = caller.post("/scheduled-tasks", body)
    assert response.status_code == 201, response.content
    shown: dict[str, Any] = response.json()
    return shown


def test_a_new_task_has_the_documented_defaults(admin: Caller) -> None:
    shown = made(admin, script())
    expected = {
        "schedule_type": "simple",
        "execution_type": "script",
        "timezone": "Asia/Shanghai",
        "retry_count": 0,
        "retry_interval": 60,
        "retry_backoff": "fixed",
        "misfire_policy": "fire_once",
        "misfire_grace_seconds": 300,
        "overlap_policy": "skip",
        "use_windows": False,
        "catch_up": "each",
        "on_window_failure": "hold",
        "priority": 5,
        "retry_on_worker_lost": True,
        "is_enabled": True,
        "version": 1,
        "schedule_description": "Every day at 08:00",
    }
    assert {name: shown[name] for name in expected} == expected
    assert shown["next_run_at"] is not None


def test_an_interval_task_that_calls_dify_gets_windows(admin: Caller) -> None:
    dify = {"execution_type": "dify", "dify_url": "https://dify.example/v1", "dify_api_key": "app-1"}
    interval = {"schedule_type": "interval", "interval_minutes": 10}
    assert made(admin, script(**dify, **interval))["use_windows"] is True
    assert made(admin, script(**dify))["use_windows"] is False
    assert made(admin, script(**interval))["use_windows"] is False
    assert made(admin, script(**dify, **interval, use_windows=False))["use_windows"] is False


def test_a_secret_is_never_returned_and_null_clears_it(admin: Caller) -> None:
    shown = made(admin, webhook(webhook_secret="s3cret-canary"))
    assert shown["webhook_secret_set"] is True
    path = f"/scheduled-tasks/{shown['id']}"
    answers = [admin.get(path), admin.get("/scheduled-tasks"), admin.put(path, {"task_desc": "x"})]
    assert not [answer for answer in answers if b"s3cret-canary" in answer.content]
    assert ScheduledTask.objects.get().webhook_secret == "s3cret-canary"
    assert admin.put(path, {"webhook_secret": None}).json()["webhook_secret_set"] is False


def test_addresses_and_headers_are_masked_and_their_masks_keep_them(admin: Caller) -> None:
    headers = {"Authorization": "Bearer 0123456789abcdef"}
    shown = made(admin, webhook(webhook_url=ROBOT, alert_webhook=ROBOT, webhook_headers=headers))
    assert shown["webhook_url"] == "https://oapi.dingtalk.com/robot/send?access_token=***cdef"
    assert shown["webhook_headers"] == {"Authorization": "***cdef"}
    sent_back = shown | {"webhook_headers": shown["webhook_headers"] | {"X-New": "1"}}
    assert admin.put(f"/scheduled-tasks/{shown['id']}", sent_back).status_code == 200
    task = ScheduledTask.objects.get()
    assert (task.webhook_url, task.alert_webhook) == (ROBOT, ROBOT)
    assert '"Bearer 0123456789abcdef"' in task.webhook_headers
    assert '"X-New": "1"' in task.webhook_headers


def test_a_task_as_shown_may_be_sent_back_whole_and_changes_nothing(admin: Caller) -> None:
    start = "2026-03-01T08:00:00.123456+08:00"
    shown = made(
        admin, webhook(start_at=start, webhook_headers={"A": "0123456789abcdef"}, webhook_secret="x")
    )
    again = admin.put(f"/scheduled-tasks/{shown['id']}", shown)
    assert again.status_code == 200
    assert again.json() == shown


def test_every_field_that_can_be_written_is_shown_and_a_secret_as_set_or_not() -> None:
    secrets = {"dify_api_key", "webhook_secret"}
    written = {f"{name}_set" if name in secrets else name for name in TaskFields.model_fields}
    assert written <= TaskShown.model_fields.keys()


def test_a_partial_update_keeps_the_rest(admin: Caller) -> None:
    shown = made(admin, script(priority=7))
    after = admin.put(f"/scheduled-tasks/{shown['id']}", {"task_name": "other"}).json()
    assert (after["task_name"], after["priority"], after["time_points"]) == ("other", 7, ["08:00"])
    assert after["version"] == 2


def test_an_update_of_an_old_version_is_refused(admin: Caller) -> None:
    shown = made(admin, script())
    path = f"/scheduled-tasks/{shown['id']}"
    assert admin.put(path, {"priority": 6, "version": 1}).status_code == 200
    stale = admin.put(path, {"priority": 7, "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert ScheduledTask.objects.get().priority == 6


def test_if_match_guards_like_version(admin: Caller) -> None:
    path = f"/scheduled-tasks/{made(admin, script())['id']}"
    tag = admin.get(path).headers["ETag"]
    assert admin.put(path, {"priority": 6}, **{"If-Match": tag}).status_code == 200
    assert admin.put(path, {"priority": 7}, **{"If-Match": tag}).status_code == 409
    assert admin.put(path, {"priority": 7}, **{"If-Match": "garbage"}).status_code == 422


def test_a_wrong_update_saves_nothing(admin: Caller) -> None:
    path = f"/scheduled-tasks/{made(admin, script())['id']}"
    assert admin.put(path, {"task_name": "other", "time_points": ["25:00"]}).status_code == 422
    task = ScheduledTask.objects.get()
    assert (task.task_name, task.version) == ("report", 1)


def test_a_deleted_task_keeps_its_runs(admin: Caller) -> None:
    task_id = made(admin, script())["id"]
    run = admin.post(f"/scheduled-tasks/{task_id}/run").json()["log_id"]
    assert admin.delete(f"/scheduled-tasks/{task_id}").status_code == 204
    assert admin.get(f"/scheduled-tasks/{task_id}").status_code == 404
    assert admin.get(f"/task-logs/{run}").json()["task_name"] == "report"


def test_toggle_turns_over_or_sets(admin: Caller) -> None:
    path = f"/scheduled-tasks/{made(admin, script())['id']}/toggle"
    assert admin.post(path).json()["is_enabled"] is False
    assert admin.post(path, {}).json()["is_enabled"] is True
    assert admin.post(path, {"is_enabled": True}).json()["is_enabled"] is True


def test_a_draft_may_lack_what_an_enabled_task_needs(admin: Caller) -> None:
    draft = made(admin, webhook(webhook_url=None, is_enabled=False))
    refused = admin.post(f"/scheduled-tasks/{draft['id']}/toggle")
    assert refused.status_code == 422
    assert fields(refused) == {"webhook_url"}


def test_a_run_by_hand_merges_parameters_and_needs_no_enabled_task(admin: Caller) -> None:
    task = made(admin, script(is_enabled=False, input_params={"a": 1, "b": 2}))
    answer = admin.post(f"/scheduled-tasks/{task['id']}/run", {"params": {"b": 3}})
    assert answer.status_code == 202
    run = Run.objects.get(pk=answer.json()["log_id"])
    assert (run.trace_id, run.params) == (answer.json()["trace_id"], {"a": 1, "b": 3})
    assert (run.trigger, run.triggered_by) == ("api", "acme-admin")


def test_a_run_has_nothing_but_the_parameters_that_replace_the_tasks(admin: Caller) -> None:
    task = made(admin, script(input_params={"a": 1}))
    answer = admin.post(f"/scheduled-tasks/{task['id']}/run", {"params": {"b": 3}, "replace_params": True})
    assert Run.objects.get(pk=answer.json()["log_id"]).params == {"b": 3}


def test_a_run_takes_the_window_it_is_given(admin: Caller) -> None:
    task = made(admin, script())
    window = {"window_start": "2026-01-01T00:00:00+08:00", "window_end": "2026-01-01T01:00:00+08:00"}
    log_id = admin.post(f"/scheduled-tasks/{task['id']}/run", window).json()["log_id"]
    run = Run.objects.get(pk=log_id)
    assert run.window_end is not None
    assert run.window_start is not None
    assert run.window_end - run.window_start == timedelta(hours=1)


@pytest.mark.parametrize(
    "window",
    [
        {"window_start": "2026-01-01T00:00:00Z"},
        {"window_start": "2026-01-01T00:00:00Z", "window_end": "2026-01-01T00:00:00Z"},
    ],
)
def test_half_a_window_is_none(admin: Caller, window: dict[str, str]) -> None:
    task = made(admin, script())
    assert admin.post(f"/scheduled-tasks/{task['id']}/run", window).status_code == 422
    assert not Run.objects.exists()


def test_a_tenant_has_no_more_tasks_than_it_may(admin: Caller) -> None:
    Tenant.objects.filter(code="acme").update(max_tasks=1)
    made(admin, script())
    refused = admin.post("/scheduled-tasks", script())
    assert (refused.status_code, refused.json()["code"]) == (409, "tenant_full")


def test_lists_filter_search_order_and_page(admin: Caller) -> None:
    for name in ("alpha", "beta", "gamma"):
        made(admin, script(task_name=name, is_enabled=name != "beta"))

    def names(**query: Any) -> list[str]:
        return [item["task_name"] for item in admin.get("/scheduled-tasks", **query).json()["items"]]

    assert names() == ["gamma", "beta", "alpha"]
    assert names(ordering="task_name") == ["alpha", "beta", "gamma"]
    assert names(search="ET") == ["beta"]
    assert names(is_enabled="false") == ["beta"]
    assert names(execution_type="dify") == []
    assert names(tenant_id="other") == []
    ScheduledTask.objects.filter(task_name="gamma").update(last_run_status="failed")
    assert names(last_run_status="failed") == ["gamma"]
    page = admin.get("/scheduled-tasks", page=2, page_size=2).json()
    assert [item["task_name"] for item in page.pop("items")] == ["alpha"]
    assert page == {"total": 3, "page": 2, "page_size": 2}


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": 101},
        {"last_run_status": "skipped"},
        {"last_run_status": "running"},
        {"page": 0},
        {"pgae": 1},
        {"is_enabled": "maybe"},
        {"ordering": "x"},
        {"page": "1_0"},
    ],
)
def test_a_wrong_query_is_refused_by_its_name(admin: Caller, query: dict[str, Any]) -> None:
    refused = admin.get("/scheduled-tasks", **query)
    assert refused.status_code == 422
    assert fields(refused) == set(query)


def test_every_change_leaves_an_audit_row_without_secrets(admin: Caller) -> None:
    path = f"/scheduled-tasks/{made(admin, webhook(webhook_secret='canary-1'))['id']}"
    admin.put(path, {"webhook_secret": "canary-2", "priority": 1})
    admin.post(f"{path}/toggle")
    admin.post(f"{path}/run")
    admin.delete(path)
    entries = list(AuditEntry.objects.filter(object_type="scheduledtask").order_by("pk"))
    assert [entry.action for entry in entries] == ["create", "update", "toggle", "run", "delete"]
    assert {(entry.username, entry.remote_addr, entry.tenant_id) for entry in entries} == {
        ("acme-admin", "127.0.0.1", "acme")
    }
    assert "canary" not in str([entry.changes for entry in entries])
    assert entries[1].changes["priority"] == ["5", "1"]


def test_a_global_task_uses_any_tenants_channels_and_a_tenants_only_its_own(admin: Caller) -> None:
    root = superuser()
    tenant("other")
    channel = {"channel_name": "c", "channel_type": "dingtalk_bot", "webhook_url": ROBOT}
    foreign = root.post("/notification-channels", channel | {"tenant_id": "other"}).json()["id"]
    refused = admin.post("/scheduled-tasks", script(notify_channels=[foreign]))
    assert fields(refused) == {"notify_channels"}
    assert made(root, script(tenant_id=None, notify_channels=[foreign]))["notify_channels"] == [foreign]


def test_a_task_moves_to_another_tenant_only_by_an_admin_of_both() -> None:
    tenant("acme")
    tenant("other")
    task = made(superuser(), script())
    path = f"/scheduled-tasks/{task['id']}"
    assert member("admin").put(path, {"tenant_id": "other"}).status_code == 403
    assert ScheduledTask.objects.get().tenant_id == "acme"


def test_an_edit_settles_what_was_due_before(admin: Caller) -> None:
    """Nothing is lost between beat's last look and the edit."""
    task_id = made(admin, script(time_points=["08:00"]))["id"]
    due = timezone.now() - timedelta(seconds=5)
    ScheduledTask.objects.filter(pk=task_id).update(
        next_run_at=due, time_points=[], schedule_type="once", run_at=due
    )
    admin.put(f"/scheduled-tasks/{task_id}", {"schedule_type": "simple", "time_points": ["09:00"]})
    make.tick(timezone.now())
    assert [run.due_at for run in Run.objects.filter(trigger="schedule")] == [due]


def test_a_value_that_python_takes_for_equal_is_another(admin: Caller) -> None:
    shown = made(admin, script(input_params={"a": 1}))
    assert admin.put(f"/scheduled-tasks/{shown['id']}", {"input_params": {"a": True}}).status_code == 200
    assert admin.get(f"/scheduled-tasks/{shown['id']}").json()["input_params"]["a"] is True


class TestStoredEarlier:
    """What a later rule forbids, or another program has written."""

    def test_a_column_keeps_nobody_from_changing_the_others(self, admin: Caller) -> None:
        task = made(admin, script(is_enabled=False))
        ScheduledTask.objects.filter(pk=task["id"]).update(task_name="a\tb")
        assert admin.put(f"/scheduled-tasks/{task['id']}", {"priority": 6}).status_code == 200
        refused = admin.put(f"/scheduled-tasks/{task['id']}", {"is_enabled": True})
        assert [error["field"] for error in refused.json()["errors"]] == ["task_name"]

    def test_a_windows_task_without_an_interval_is_refused_in_words(self, admin: Caller) -> None:
        task = make.windows_task(tenant=Tenant.objects.get(), last_end_time=timezone.now(), is_enabled=False)
        refused = admin.put(f"/scheduled-tasks/{task.pk}", {"interval_minutes": None})
        assert [error["field"] for error in refused.json()["errors"]] == ["interval_minutes"]
        ScheduledTask.objects.update(interval_minutes=None)
        assert admin.get("/scheduled-tasks").status_code == 200
        assert admin.post(f"/scheduled-tasks/{task.pk}/run", {}).json()["code"] == "incomplete"

    def test_a_schedule_that_can_not_be_read_has_no_backfill(self, admin: Caller) -> None:
        task = made(admin, script())
        ScheduledTask.objects.update(schedule_type="cron", cron_expression="0 8 * * 9")
        days = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "dry_run": True}
        refused = admin.post(f"/scheduled-tasks/{task['id']}/backfill", days)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "from")
