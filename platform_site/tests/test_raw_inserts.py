"""Programs of the system before insert into its tables as ever: the columns it had, and those that it left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common import key_rotation
from common.crypto import is_encrypted
from common.fields import keyring
from common.key_rotation import columns
from notifications.models import NotifyChannel, WeComApp
from scheduling.beat import reaper, reconcile
from scheduling.beat.scheduler import Ticker
from scheduling.lifecycle import run_alerts
from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from tenants.models import Secret, Tenant, TenantConfig
from testing.callers import superuser, tenant
from testing.world import listing, world

pytestmark = pytest.mark.django_db

TASKS, CHANNELS, LOGS = "platform_scheduled_tasks", "platform_task_notify_channels", "platform_task_logs"
# What has no default and may not be NULL in the system before; in tables whose columns its document doesn't give,
# what no program can leave out.
NEEDED: dict[type[models.Model], dict[str, Any]] = {
    ScheduledTask: {"task_name": "日报"},
    NotifyChannel: {
        "tenant_id": "acme",
        "channel_name": "群",
        "channel_type": "dingtalk_bot",
        "webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=" + "a" * 64,
    },
    Run: {"task_id": 7},
    Tenant: {"code": "globex", "name": "Globex"},
    TenantConfig: {"tenant_id": "acme", "app_code": "crm", "config_key": "base_url"},
    Secret: {"secret_key": "TOKEN", "value": "some value"},
    WeComApp: {"tenant_id": "acme", "app_name": "助手", "corp_id": "ww1", "agent_id": 7, "corp_secret": "s"},
}
AT = "2026-01-30 09:27:58"
WHOLE_TASK = {
    "tenant_id": "acme",
    "task_name": "日报",
    "task_desc": "每天早上",
    "schedule_type": "simple",
    "time_points": '["08:00", "12:00"]',
    "cron_expression": "",
    "timezone": "Asia/Shanghai",
    "execution_type": "webhook",
    "webhook_url": "https://erp.example.com/report",
    "script_content": "result = 1",
    "script_deps": "",
    "input_params": '{"region": "华东"}',
    "retry_count": 2,
    "retry_interval": 30,
    "alert_on_failure": 1,
    "alert_webhook": "https://erp.example.com/alert",
    "notify_channels": "[]",
    "notify_wecom_app_id": None,
    "is_enabled": 1,
    "last_run_at": AT,
    "last_run_status": "success",
    "last_run_message": "ok",
    "created_at": AT,
    "updated_at": AT,
}
WHOLE_CHANNEL = NEEDED[NotifyChannel] | {
    "sign_secret": "SEC" + "b" * 64,
    "description": "运营群",
    "is_enabled": 1,
    "created_at": AT,
    "updated_at": AT,
}
WHOLE_LOG = {
    "task_id": 7,
    "tenant_id": "acme",
    "trace_id": "old-1",
    "status": "success",
    "started_at": AT,
    "finished_at": AT,
    "duration_ms": 1200,
    "output": "done",
    "error": "",
    "retry_count": 1,
    "created_at": AT,
}


def insert(model: type[models.Model], row: dict[str, Any]) -> Any:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})",
            list(row.values()),
        )
        return cursor.lastrowid


@pytest.fixture(autouse=True)
def _acme() -> Iterator[None]:
    """On MySQL the program's connection is in China's time, as its server is."""
    tenant()
    if connection.vendor == "mysql":
        set_zone("+08:00")
    yield
    if connection.vendor == "mysql":
        set_zone("SYSTEM")


def set_zone(zone: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET time_zone = %s", [zone])


@pytest.mark.parametrize("model", NEEDED, ids=lambda model: model.__name__)
def test_a_column_has_a_default_in_the_database_unless_a_program_has_to_give_it(
    model: type[models.Model],
) -> None:
    columns = [f for f in model._meta.local_concrete_fields if not f.null and not f.primary_key]
    assert {f.column for f in columns if not f.has_db_default()} == set(NEEDED[model])


@pytest.mark.parametrize("model", NEEDED, ids=lambda model: model.__name__)
def test_a_row_of_the_fewest_columns_has_what_a_new_row_of_ours_has(model: type[models.Model]) -> None:
    pk, before = insert(model, NEEDED[model]), timezone.now()
    row, new = model._default_manager.get(pk=pk), model(**NEEDED[model])
    for field in model._meta.local_concrete_fields:
        if field.has_default() and not isinstance(field, models.DateTimeField):
            said = new.__dict__[field.attname] if field.name not in ("status", "is_secret") else None
            assert said is None or row.__dict__[field.attname] == said, field.name
    for name in {"created_at", "updated_at"} & {f.name for f in model._meta.local_concrete_fields}:
        assert abs(getattr(row, name) - before) < timedelta(hours=1), "not in UTC"


@pytest.mark.parametrize(
    ("path", "model", "row"),
    [
        ("/scheduled-tasks", ScheduledTask, NEEDED[ScheduledTask]),
        ("/scheduled-tasks", ScheduledTask, WHOLE_TASK),
        ("/notification-channels", NotifyChannel, NEEDED[NotifyChannel]),
        ("/notification-channels", NotifyChannel, WHOLE_CHANNEL),
        ("/task-logs", Run, NEEDED[Run]),
        ("/task-logs", Run, WHOLE_LOG),
        ("/tenants", Tenant, NEEDED[Tenant]),
        ("/tenant-configs", TenantConfig, NEEDED[TenantConfig]),
        ("/secrets", Secret, NEEDED[Secret]),
        ("/wecom-apps", WeComApp, NEEDED[WeComApp]),
    ],
)
def test_an_inserted_row_is_shown(path: str, model: type[models.Model], row: dict[str, Any]) -> None:
    pk = insert(model, row)
    caller = superuser()
    assert caller.get(path).status_code == 200
    name = row["code"] if model is Tenant else pk
    shown = caller.get(f"{path}/{name}")
    assert shown.status_code == 200, shown.content
    for column in (
        "task_name",
        "task_desc",
        "time_points",
        "input_params",
        "retry_count",
        "status",
        "output",
    ):
        if column in row and column in shown.json():
            given = json.loads(row[column]) if column in ("time_points", "input_params") else row[column]
            assert shown.json()[column] == given


def test_an_inserted_task_fires_at_its_first_due_time() -> None:
    """It has no next run: whoever inserts it knows nothing of that column."""
    task = NEEDED[ScheduledTask] | {"schedule_type": "cron", "cron_expression": "* * * * *"}
    pk = insert(ScheduledTask, task)
    now = timezone.now() + timedelta(minutes=2)
    Ticker("beat-1", now=lambda: now).tick()
    first = Run.objects.filter(task_id=pk).order_by("due_at").first()
    assert first is not None
    assert first.due_at is not None
    assert first.due_at > timezone.now() - timedelta(minutes=2)
    following = ScheduledTask.objects.get(pk=pk).next_run_at
    assert following is not None
    assert following > now


WRONG = [
    ("time_points", "null"),
    ("time_points", "5"),
    ("time_points", '"08:00"'),
    ("time_points", "[8]"),
    ("input_params", "null"),
    ("input_params", "[8]"),
    ("notify_channels", "null"),
    ("notify_channels", "5"),
    ("notify_channels", '["a group"]'),
    ("timezone", "Mars"),
    ("schedule_type", "weekly"),
    ("schedule_type", "interval"),
    ("schedule_type", "once"),
    ("cron_expression", "x"),
]


@pytest.mark.parametrize(("column", "value"), WRONG)
def test_an_inserted_task_that_is_wrong_stops_neither_the_others_nor_its_page(
    column: str, value: str
) -> None:
    every_minute = {"schedule_type": "cron", "cron_expression": "* * * * *"}
    wrong = WHOLE_TASK | (every_minute if column == "cron_expression" else {}) | {column: value}
    pk, good = insert(ScheduledTask, wrong), insert(ScheduledTask, WHOLE_TASK | every_minute)
    Ticker("beat-1", now=lambda: timezone.now() + timedelta(minutes=2)).tick()
    assert Run.objects.filter(task_id=good).exists()
    assert superuser().get(f"/scheduled-tasks/{pk}").status_code == 200
    page = world().client("superuser").get(f"{listing(ScheduledTask)}{pk}/change/")
    assert page.status_code == 200


def test_an_inserted_task_that_is_switched_off_does_not_fire() -> None:
    task = WHOLE_TASK | {"schedule_type": "cron", "cron_expression": "* * * * *", "is_enabled": 0}
    pk = insert(ScheduledTask, task)
    Ticker("beat-1", now=lambda: timezone.now() + timedelta(hours=1)).tick()
    assert not Run.objects.filter(task_id=pk).exists()


@pytest.mark.parametrize("status", [None, "running", "success", "failed"])
def test_an_inserted_run_is_left_to_who_has_inserted_it(status: str | None) -> None:
    task = make.task(is_enabled=False)
    row = {"task_id": task.pk} | ({"status": status, "started_at": AT} if status else {})
    pk = insert(Run, row)
    later = timezone.now() + timedelta(days=1)
    Ticker("beat-1", now=lambda: later).tick()
    reaper.Reaper().reap(later, 10_000.0)
    reconcile.unpublish_unclaimed(later)
    run_alerts.alert_too_long(later)
    run = Run.objects.get(pk=pk)
    assert (run.status, run.published_at, run.attempt) == (status or "skipped", None, 0)


def test_two_inserted_runs_have_traces_of_their_own() -> None:
    insert(Run, {"task_id": 7})
    insert(Run, {"task_id": 7})
    assert all(len(trace) == 32 for trace in Run.objects.values_list("trace_id", flat=True))


def test_an_inserted_address_is_read_and_encrypted_by_the_next_rotation() -> None:
    pk = insert(NotifyChannel, WHOLE_CHANNEL)
    for name in ("webhook_url", "sign_secret"):
        [column] = [c for c in columns() if (c.model, c.field.name) == (NotifyChannel, name)]
        assert getattr(NotifyChannel.objects.get(pk=pk), name) == WHOLE_CHANNEL[name]
        assert key_rotation.rotate(column, keyring(), dry_run=True).by_key == {key_rotation.CLEAR_TEXT: 1}
        assert key_rotation.rotate(column, keyring()).rewritten == 1
        [stored] = column.stored().values_list("stored", flat=True)
        assert is_encrypted(stored)
        assert getattr(NotifyChannel.objects.get(pk=pk), name) == WHOLE_CHANNEL[name]


def test_for_our_own_rows_nothing_changes() -> None:
    """An unsaved row holds None where it has no value yet, and an INSERT returns no more than its key."""
    task = ScheduledTask(task_name="x")
    assert [getattr(task, name) for name in ("created_at", "next_run_at", "time_points")] == [None, None, []]
    with CaptureQueriesContext(connection) as caught:
        task.save()
        Run.objects.bulk_create(
            [Run(task=task, task_version=1, trace_id="t", not_before=make.NOW, trigger="api")]
        )
    inserts = [one["sql"] for one in caught if one["sql"].startswith("INSERT")]
    assert len(inserts) == 2
    assert all("," not in sql.partition("RETURNING")[2] for sql in inserts)
    assert task.next_run_at is None


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_the_release_before_stay_as_they_are() -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    before = [("scheduling", "0009_deep_parameters"), ("notifications", "0004_sealed_messages")]
    executor.migrate(before)
    try:
        apps = executor.loader.project_state(before).apps
        task = apps.get_model("scheduling", "ScheduledTask").objects.create(
            task_name="x", time_points=["08:00"]
        )
        with pytest.raises(DatabaseError), transaction.atomic():
            insert(ScheduledTask, NEEDED[ScheduledTask])
    finally:
        MigrationExecutor(connection).migrate(latest)
    kept = ScheduledTask.objects.get(pk=task.pk)
    assert (kept.time_points, kept.next_run_at, kept.created_at) == (["08:00"], None, task.created_at)
    assert insert(ScheduledTask, NEEDED[ScheduledTask])


def test_a_run_that_another_program_has_left_running_can_be_canceled() -> None:
    run = make.run(make.task())
    Run.objects.filter(pk=run.pk).update(status="running", lease_until=None)
    assert superuser().post(f"/task-logs/{run.pk}/cancel").status_code == 202
    run.refresh_from_db()
    assert run.status == "canceled"
