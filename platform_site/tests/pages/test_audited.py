"""What stands in the audit log beside the changes of our own rows: once each, and no secrets."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from tenants.models import AuditEntry
from testing.callers import member
from testing.world import listing, page, world

pytestmark = pytest.mark.django_db
LOGIN, LOGOUT, GOOD = "/admin/login/", "/admin/logout/", "a long one, please"


def log() -> list[tuple[str, str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "username", "remote_addr"))


def log_in(name: str, password: str) -> Client:
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.post(LOGIN, {"username": name, "password": password, "next": "/admin/"})
    return client


def test_who_logs_in_and_out_is_in_the_audit_log_once_each() -> None:
    User.objects.create_superuser("ann", password=GOOD)
    client = log_in("ann", GOOD)
    client.post(LOGOUT)
    client.post(LOGOUT)
    assert log() == [("login", "ann", "192.0.2.1"), ("logout", "ann", "192.0.2.1")]


def test_failed_log_ins_are_there_until_they_are_refused_which_is_there_once(settings: Any) -> None:
    settings.LOGIN_ATTEMPTS = 2
    User.objects.create_superuser("ann", password=GOOD)
    for _ in range(6):
        log_in("ann", "guessed")
    assert [action for action, _, _ in log()] == ["login_failed", "login_failed", "login_refused"]
    assert {name for _, name, _ in log()} == {"ann"}


def test_a_name_that_nobody_has_is_not_kept() -> None:
    log_in("my-password-in-the-wrong-field", "x")
    assert log() == [("login_failed", "", "192.0.2.1")]
    assert "wrong-field" not in str(list(AuditEntry.objects.values()))


def test_changes_of_periodic_tasks_are_there_without_what_they_are_called_with() -> None:
    client = world().client("superuser")
    every = IntervalSchedule.objects.create(every=1, period="days")
    values = {
        "name": "cleanup",
        "regtask": "",
        "task": "scheduling.prune",
        "interval": every.pk,
        "kwargs": '{"key": "canary"}',
    }
    values |= {"args": "[]", "headers": "{}", "enabled": "on"}
    client.post(listing(PeriodicTask) + "add/", values)
    row = PeriodicTask.objects.get(name="cleanup")
    client.post(page(row), values | {"name": "clean up", "kwargs": '{"key": "canary 2"}'})
    for action in ("disable_tasks", "enable_tasks", "toggle_tasks"):
        client.post(listing(PeriodicTask), {"action": action, "_selected_action": [row.pk]})
    client.post(page(row, "delete"), {"post": "yes"})
    entries = AuditEntry.objects.filter(object_type="periodictask").order_by("pk")
    assert [entry.action for entry in entries] == ["create", "update", "toggle", "toggle", "toggle", "delete"]
    assert entries[1].changes == {"name": ["cleanup", "clean up"], "kwargs": ["***", "***"]}
    assert "canary" not in str(list(entries.values()))


def test_schedules_of_periodic_tasks_are_there() -> None:
    world().client("superuser").post(
        listing(IntervalSchedule) + "add/",
        {
            "every": 5,
            "period": "minutes",
            "periodictask_set-TOTAL_FORMS": 0,
            "periodictask_set-INITIAL_FORMS": 0,
        },
    )
    assert AuditEntry.objects.filter(object_type="intervalschedule").count() == 1


def test_a_dify_app_that_was_tried_is_there_without_its_key() -> None:
    body = {"dify_url": "http://127.0.0.1:1/v1", "dify_api_key": "app-canary-canary"}
    member("operator").post("/dify/test", body)
    entry = AuditEntry.objects.get(object_type="scheduledtask")
    assert (entry.action, entry.username, entry.tenant_id) == ("test", "acme-operator", "acme")
    assert entry.changes == {"dify_url": ["", "http://127.0.0.1:1/v1"]}
