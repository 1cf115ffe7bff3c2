"""Versions of a task: who, when, what changed, and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from scheduling.models import ScheduledTask
from scheduling.tests import make
from testing.callers import Caller, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Caller:
    return member("admin")


@pytest.fixture
def path(admin: Caller) -> str:
    """A task at version 3: script, then priority and secret were changed."""
    script = "a = 1\nb = 2\n"
    task = make.task(timezone.now(), script_content=script, start_at=make.NOW, webhook_secret="canary-old")
    path = f"/scheduled-tasks/{task.pk}"
    admin.put(path, {"script_content": "a = 1\nb = 3\n"})
    admin.put(path, {"priority": 9, "webhook_secret": "canary-new"})
    return path


def test_versions_say_who_changed_what(admin: Caller, path: str) -> None:
    rows = admin.get(f"{path}/versions").json()["items"]
    assert [(row["version"], row["by"], row["summary"]) for row in rows] == [
        (3, "acme-admin", "priority, webhook_secret"),
        (2, "acme-admin", "script_content"),
        (1, "system", ""),
    ]


def test_a_version_is_the_task_as_it_was_without_secrets(admin: Caller, path: str) -> None:
    answer = admin.get(f"{path}/versions/1")
    assert answer.json()["fields"]["script_content"] == "a = 1\nb = 2\n"
    assert b"canary" not in answer.content


def test_a_diff_is_against_the_version_before_unless_another_is_named(admin: Caller, path: str) -> None:
    def diff(version: int, **query: Any) -> dict[str, Any]:
        shown: dict[str, Any] = admin.get(f"{path}/versions/{version}/diff", **query).json()
        return shown

    assert diff(3) == {"fields": [{"name": "priority", "old": 5, "new": 9}], "script_diff": ""}
    assert diff(2)["script_diff"].splitlines()[3:] == [" a = 1", "-b = 2", "+b = 3"]
    both = diff(3, against=1)
    assert [field["name"] for field in both["fields"]] == ["priority"]
    assert "+b = 3" in both["script_diff"]
    assert diff(1)["script_diff"].splitlines()[-1] == "+b = 2"


def test_an_old_version_comes_back_as_a_new_one_and_keeps_the_secrets(admin: Caller, path: str) -> None:
    restored = admin.post(f"{path}/versions/1/restore").json()
    assert (restored["script_content"], restored["priority"], restored["version"]) == ("a = 1\nb = 2\n", 5, 4)
    task = ScheduledTask.objects.get()
    assert (task.webhook_secret, task.start_at) == ("canary-new", make.NOW)


def test_a_version_is_restored_only_over_the_one_that_was_seen(admin: Caller, path: str) -> None:
    refused = admin.post(f"{path}/versions/1/restore", **{"If-Match": '"2"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "stale")
    assert admin.post(f"{path}/versions/1/restore", **{"If-Match": '"3"'}).status_code == 200


def test_a_run_says_which_version_it_ran(admin: Caller, path: str) -> None:
    before = admin.post(f"{path}/run").json()["log_id"]
    admin.put(path, {"priority": 1})
    after = admin.post(f"{path}/run").json()["log_id"]
    assert [admin.get(f"/task-logs/{run}").json()["task_version"] for run in (before, after)] == [3, 4]


def test_restoring_a_task_switched_off_leaves_it_off(admin: Caller, path: str) -> None:
    admin.post(f"{path}/toggle", {"is_enabled": False})
    assert admin.post(f"{path}/versions/1/restore").json()["is_enabled"] is False


@pytest.mark.parametrize("version", [0, 4, 10**12, 10**30])
def test_there_is_no_such_version(admin: Caller, path: str, version: int) -> None:
    assert admin.get(f"{path}/versions/{version}").status_code == 404
    assert admin.get(f"{path}/versions/{version}/diff").status_code == 404
    assert admin.post(f"{path}/versions/{version}/restore").status_code == 404
