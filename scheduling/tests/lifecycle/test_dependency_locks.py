"""A lock on a version: who needs one, which one counts, and what the task shows of it; nothing is installed here."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app

from scheduling.lifecycle import dependency_locks
from scheduling.lifecycle.dependency_locks import MAX_ERROR, fail, key_of, lock_of, store
from scheduling.models import ScheduledTask, TaskVersion
from scheduling.tests import make
from scheduling.tests.make import change

pytestmark = pytest.mark.django_db


def task(**columns: Any) -> ScheduledTask:
    return make.task(**{"script_content": "import tiny", "script_deps": "tiny"} | columns)


def status(row: ScheduledTask) -> str:
    return str(ScheduledTask.objects.get(pk=row.pk).deps_status)


def version(row: ScheduledTask, number: int = 1) -> TaskVersion:
    return TaskVersion.objects.get(task=row, version=number)


def test_a_key_is_that_of_the_requirements_on_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    one = key_of(["tiny", "other"])
    assert one == key_of(["tiny", "other"]) != key_of(["tiny"])
    monkeypatch.setattr("sys.implementation.cache_tag", "cpython-399")
    assert key_of(["tiny", "other"]) != one


def test_a_save_that_needs_a_lock_asks_for_it_after_its_commit(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[tuple[str, tuple[int]]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: sent.append((name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        row = task()
        assert sent == []
        task(script_deps="", script_content="result = 1")
    assert sent == [(dependency_locks.TASK, (row.pk,))]
    assert status(row) == "locking"


def test_a_save_goes_well_though_nobody_can_be_asked(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(current_app, "send_task", lambda *_, **__: 1 / 0)
    with django_capture_on_commit_callbacks(execute=True):
        row = task()
    assert status(row) == "locking"


def test_only_a_script_has_dependencies() -> None:
    row = task()
    change(row, execution_type="webhook", webhook_url="https://example.com")
    assert (status(row), version(row, 2).deps_key) == ("", "")


def test_what_can_not_be_read_has_failed_and_a_run_says_why() -> None:
    assert status(task(script_deps="-e .")) == "failed"


def test_a_lock_makes_the_task_ready_and_holds_for_every_version_that_needs_the_same() -> None:
    row = task()
    store(row.pk, version(row).deps_key, "tiny==1.0")
    assert (status(row), version(row).deps_lock) == ("ready", "tiny==1.0")
    change(row, task_name="renamed")
    assert (status(row), version(row, 2).deps_lock) == ("ready", "tiny==1.0")
    change(row, script_deps="tiny>=2")
    assert (status(row), version(row, 3).deps_lock) == ("locking", "")
    change(row, script_deps="tiny")
    assert (status(row), version(row, 4).deps_lock) == ("ready", "tiny==1.0")


def test_a_lock_is_its_own_tasks_only() -> None:
    row, other = task(), task()
    key = version(row).deps_key
    store(row.pk, key, "tiny==1.0")
    assert (lock_of(row.pk, key), lock_of(other.pk, key)) == ("tiny==1.0", "")
    assert status(other) == "locking"


def test_of_two_that_lock_at_once_the_first_counts() -> None:
    row = task()
    key = version(row).deps_key
    assert store(row.pk, key, "first") == "first"
    assert store(row.pk, key, "second") == "first"
    assert version(row).deps_lock == "first"


def test_a_lock_that_comes_late_says_nothing_of_the_changed_task() -> None:
    row = task()
    old = version(row).deps_key
    change(row, script_deps="nothing-such")
    store(row.pk, old, "late")
    assert status(row) == "locking"
    fail(row.pk, old, "late")
    assert status(row) == "locking"


def test_a_failure_is_kept_with_its_version_until_a_lock_comes() -> None:
    row = task()
    key = version(row).deps_key
    fail(row.pk, key, "x" * 2 * MAX_ERROR)
    assert (status(row), version(row).deps_error) == ("failed", "x" * MAX_ERROR)
    store(row.pk, key, "tiny==1.0")
    assert (status(row), version(row).deps_error) == ("ready", "")


def test_a_failure_takes_no_lock_away() -> None:
    row = task()
    key = version(row).deps_key
    store(row.pk, key, "tiny==1.0")
    fail(row.pk, key, "too late")
    assert (version(row).deps_lock, version(row).deps_error) == ("tiny==1.0", "")
