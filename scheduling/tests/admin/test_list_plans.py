"""What the database reads for the admin's lists of tables that grow without end, in a history of 100,000 rows each.

Runs on whatever database the settings name; the services suite names MariaDB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from notifications.models import Delivery, DeliveryKind
from scheduling.admin import task_list
from scheduling.lifecycle.new_run import new_run
from scheduling.models import Run, ScheduledTask, Trigger
from scheduling.tests import history, make
from scheduling.tests.make import NOW
from tenants.admin import pages
from tenants.models import AuditEntry, Role, Tenant, TenantMember
from testing.world import listing, page

pytestmark = [pytest.mark.django_db, pytest.mark.sql, pytest.mark.xdist_group("history")]
ROWS, TENANTS = 100_000, 50
GROWING: list[type[Model]] = [Run, Delivery, AuditEntry]
TABLES = [model._meta.db_table for model in GROWING]
OLD_TASK, OLD_ROWS = 1001, "n < 2000"  # of a task and a tenant that have had none since
MAX_COUNTED, LATEST = 1000, 2000  # for these tests: a bound shows in a shorter history
# Counting stops at MAX_COUNTED, and MySQL reads what it has counted once more; a day's 1440 rows are sorted.
MAX_READ = 2 * MAX_COUNTED + 2 * LATEST + 4 * 1440
MEMBERS = 4 * 2 * ROWS // TENANTS  # of two tenants, which are sorted, too
FIRST = NOW - timedelta(minutes=ROWS)
OLD_DAY = f"{FIRST + timedelta(days=3):%Y-%m-%d}"


@pytest.fixture(scope="module", autouse=True)
def _history(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A row each minute, of fifty tenants; one in a thousand is something special."""
    with django_db_blocker.unblock():
        history.prepare(*TABLES)
        then = history.seconds_after(FIRST, "60 * n")
        special = "CASE WHEN n % 1000 = 7 THEN '{}' ELSE '{}' END".format
        tenant = (
            f"CASE WHEN {OLD_ROWS} THEN 'old' "
            + " ".join(f"WHEN n % {TENANTS} = {n} THEN 't{n}'" for n in range(TENANTS))
            + " END"
        )
        task = f"CASE WHEN {OLD_ROWS} THEN {OLD_TASK} ELSE 1 + n % 1000 END"
        times = ("due_at", "fire_at", "not_before", "created_at", "finished_at")
        history.copies(
            new_run(ScheduledTask(pk=1, task_name="report"), Trigger.SCHEDULE, NOW),
            ROWS,
            dict.fromkeys(times, then) | {
                "tenant_id": tenant, "task_id": task, "trace_id": "n", "status": special("failed", "success"),
                "execution_type": special("dify", "script"), "trigger": special("manual", "schedule"),
            },
        )  # fmt: skip
        history.copies(
            Delivery(channel_type="dingtalk_bot", kind=DeliveryKind.RESULT, next_attempt_at=NOW),
            ROWS,
            dict.fromkeys(("next_attempt_at", "created_at"), then) | {
                "tenant_id": tenant, "log_id": "n", "task_id": task, "status": special("failed", "sent"),
                "kind": special("alert", "result"), "channel_type": special("wecom_bot", "dingtalk_bot"),
            },
        )  # fmt: skip
        history.copies(
            AuditEntry(username="ann", action="update", object_type="scheduledtask", object_id="1"),
            ROWS,
            {"at": then, "tenant_id": tenant, "action": special("restore", "update"), "object_id": "n % 1000",
             "object_type": special("secret", "scheduledtask"), "username": special("bob", "ann")},
        )  # fmt: skip
        for table in TABLES:
            history.analyze(table)
        yield
        for table in TABLES:
            history.empty(table)


@pytest.fixture(autouse=True)
def _small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_COUNTED", MAX_COUNTED)
    monkeypatch.setattr(pages, "LATEST", LATEST)


@pytest.fixture
def reader(request: pytest.FixtureRequest) -> Client:
    """Of everything, or the administrator of two of the fifty tenants."""
    client, name = Client(headers={"accept-language": "en"}), request.param
    user = User.objects.create_user(name, is_staff=True, is_superuser=name == "superuser")
    Tenant.objects.create(code="old", name="OLD")
    for code in ("t3", "t4"):
        tenant = Tenant.objects.create(code=code, name=code.upper())
        TenantMember.objects.create(user=user, tenant=tenant, role=Role.ADMIN)
    client.force_login(user)
    return client


def statements(client: Client, model: type[Model], query: dict[str, Any]) -> list[str]:
    """Those about the table."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(listing(model), query).status_code == 200
    return [
        one["sql"] for one in asked if one["sql"].startswith("SELECT") and model._meta.db_table in one["sql"]
    ]


QUERIES: list[tuple[type[Model], dict[str, Any]]] = [
    (Run, {}),
    (Run, {"p": 5}),
    *[(Run, {"status": status}) for status in ("failed", "success", "running", "missed")],
    (Run, {"day": OLD_DAY}),
    (Run, {"day": OLD_DAY, "status": "failed"}),
    (Run, {"day": OLD_DAY, "trigger": "manual"}),
    (Run, {"task__id__exact": 3}),
    (Run, {"task__id__exact": OLD_TASK}),
    (Run, {"tenant__code__exact": "t3"}),
    (Run, {"tenant__code__exact": "old"}),
    (Run, {"tenant__code__exact": "t3", "status": "failed"}),
    *[(Run, {"trigger": trigger}) for trigger in ("manual", "rerun", "schedule")],
    *[(Run, {"execution_type": kind}) for kind in ("script", "dify", "webhook")],
    (Run, {"q": "no such trace"}),
    (Delivery, {}),
    (Delivery, {"p": 5}),
    *[(Delivery, {"status": status}) for status in ("failed", "sent", "pending", "unknown")],
    (Delivery, {"tenant__code__exact": "t3"}),
    (Delivery, {"tenant__code__exact": "old"}),
    (Delivery, {"tenant__code__exact": "t3", "status": "failed"}),
    *[(Delivery, {"kind": kind}) for kind in ("result", "alert", "test")],
    *[(Delivery, {"channel_type": kind}) for kind in ("dingtalk_bot", "wecom_bot", "apprise")],
    (AuditEntry, {}),
    (AuditEntry, {"p": 5}),
    (AuditEntry, {"day": OLD_DAY}),
    (AuditEntry, {"tenant__code__exact": "t3"}),
    (AuditEntry, {"tenant__code__exact": "old"}),
    *[(AuditEntry, {"action": action}) for action in ("update", "restore", "rotate")],
    *[(AuditEntry, {"object_type": kind}) for kind in ("scheduledtask", "secret", "user")],
    (AuditEntry, {"object_type": "scheduledtask", "object_id": "3"}),
    (AuditEntry, {"q": "nobody"}),
]


@pytest.mark.parametrize("reader", ["superuser", "member"], indirect=True)
@pytest.mark.parametrize(
    ("model", "query"), QUERIES, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_a_list_reads_a_bounded_part_of_a_long_history(
    reader: Client, model: type[Model], query: dict[str, Any]
) -> None:
    found = statements(reader, model, query)
    limit = MAX_READ if User.objects.get().is_superuser else MAX_READ + MEMBERS
    assert found
    for sql in found:
        assert "COUNT(" not in sql or re.search(r"LIMIT \d+", sql), sql
        assert " JOIN " not in sql, "its plan would depend on what the server believes of both tables"
        assert history.rows_read(sql) <= limit, history.plan(sql)


@pytest.mark.parametrize("reader", ["superuser"], indirect=True)
def test_a_tasks_page_finds_its_latest_runs_though_it_has_had_none_for_long(reader: Client) -> None:
    task = make.task(pk=OLD_TASK)
    with CaptureQueriesContext(connection) as asked:
        assert reader.get(page(task, "overview")).status_code == 200
    table = connection.ops.quote_name(Run._meta.db_table)
    found = [one["sql"] for one in asked if f"FROM {table}" in one["sql"]]
    assert found
    for sql in found:
        assert history.rows_read(sql) <= MAX_READ, history.plan(sql)


@pytest.mark.parametrize("reader", ["superuser"], indirect=True)
def test_the_list_of_tasks_reads_the_latest_runs_of_a_page_by_index(reader: Client) -> None:
    pks = [*range(1, task_list.TaskList.list_per_page), OLD_TASK]
    ScheduledTask.objects.bulk_create(ScheduledTask(pk=pk, task_name=f"report {pk}") for pk in pks)
    with CaptureQueriesContext(connection) as asked:
        assert reader.get(listing(ScheduledTask)).status_code == 200
    table = connection.ops.quote_name(Run._meta.db_table)
    [sql] = [one["sql"] for one in asked if f"FROM {table}" in one["sql"]]
    assert sql.count(f"FROM {table}") == len(pks)
    assert history.rows_read(sql) <= 10 * task_list.STRIP * len(pks), history.plan(sql)


def test_the_measure_tells_a_full_scan() -> None:
    for model in GROWING:
        quiet = {Run: "external_id", Delivery: "errmsg", AuditEntry: "remote_addr"}[model]
        sql = f"SELECT COUNT(*) FROM {model._meta.db_table} WHERE {quiet} = 'none'"
        assert history.rows_read(sql) > 2 * MAX_READ
