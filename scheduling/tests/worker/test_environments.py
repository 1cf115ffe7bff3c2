"""A script's dependencies on its worker: locked, installed, imported; the index is a local directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from sandbox.host.uv import DepsCanceledError, DepsError
from scheduling.acts import tasks
from scheduling.models import Run, ScheduledTask, TaskVersion
from scheduling.tests import make
from scheduling.tests.conftest import forget_sandbox
from scheduling.worker import environments, trial
from scheduling.worker.attempt import attempt
from tenants.access import SYSTEM
from testing.callers import Caller, fields, member
from testing.servers.wheels import Index

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = "import tiny\nresult = tiny.VALUE"


@pytest.fixture(autouse=True)
def index(tmp_path: Path, settings: Any) -> Iterator[Index]:
    index = Index(tmp_path / "index")
    index.add("tiny", "1.0", {"tiny.py": "VALUE = 'one'\n"})
    settings.SCRIPT_INDEX_URL, settings.SCRIPT_ENVS_DIR = index.url, tmp_path / "envs"
    forget_sandbox()
    yield index
    forget_sandbox()


def task(**columns: Any) -> ScheduledTask:
    return make.task(now=timezone.now(), **{"script_content": SCRIPT, "script_deps": "tiny"} | columns)


def change(row: ScheduledTask, **columns: Any) -> ScheduledTask:
    def apply(stored: ScheduledTask) -> None:
        for name, value in columns.items():
            setattr(stored, name, value)

    return tasks.update(row.pk, apply, SYSTEM, timezone.now())


def status(row: ScheduledTask) -> str:
    return str(ScheduledTask.objects.get(pk=row.pk).deps_status)


def ran(row: ScheduledTask) -> Run:
    run = make.run(row, timezone.now())
    attempt(run.trace_id)
    run.refresh_from_db()
    return run


def version(row: ScheduledTask, number: int) -> TaskVersion:
    return TaskVersion.objects.get(task=row, version=number)


def test_a_saved_task_is_being_locked_and_then_ready() -> None:
    row = task()
    assert status(row) == "locking"
    environments.lock(row.pk)
    assert status(row) == "ready"
    assert "tiny==1.0" in version(row, 1).deps_lock


def test_a_run_imports_what_was_locked_with_live_lines() -> None:
    row = task()
    environments.lock(row.pk)
    run = ran(row)
    assert (run.status, run.result) == ("success", "one")
    assert "Installing the dependencies" in run.output


def test_a_run_locks_what_is_not_locked_yet() -> None:
    row = task()
    run = ran(row)
    assert (run.result, status(row)) == ("one", "ready")
    assert "Locking the dependencies" in run.output


def test_a_block_in_the_script_is_enough() -> None:
    row = task(script_deps="", script_content=f'# /// script\n# dependencies = ["tiny"]\n# ///\n{SCRIPT}')
    assert ran(row).result == "one"


def test_what_can_not_be_locked_ends_a_run_for_good() -> None:
    row = task(script_deps="nothing-such", retry_count=3)
    environments.lock(row.pk)
    assert status(row) == "failed"
    run = ran(row)
    assert (run.status, run.error_code) == ("failed", "deps_error")
    assert "nothing-such" in run.error
    assert "nothing-such" in version(row, 1).deps_error


def test_a_failed_lock_is_tried_again_by_the_next_run(index: Index) -> None:
    row = task(script_deps="later", script_content="import later")
    environments.lock(row.pk)
    index.add("later", "1.0", {"later.py": ""})
    assert ran(row).status == "success"
    assert status(row) == "ready"


def test_a_change_of_something_else_keeps_the_lock(index: Index) -> None:
    row = task()
    environments.lock(row.pk)
    index.add("tiny", "2.0", {"tiny.py": "VALUE = 'two'\n"})
    change(row, task_name="another name")
    assert status(row) == "ready"
    assert version(row, 2).deps_lock == version(row, 1).deps_lock
    assert ran(row).result == "one"


def test_going_back_to_an_older_version_takes_its_lock(index: Index) -> None:
    row = task()
    environments.lock(row.pk)
    index.add("tiny", "2.0", {"tiny.py": "VALUE = 'two'\n"})
    change(row, script_deps="tiny>=2")
    assert (status(row), ran(row).result) == ("locking", "two")
    change(row, script_deps="tiny")
    assert (status(row), ran(row).result) == ("ready", "one")


def test_without_dependencies_there_is_nothing_to_do() -> None:
    row = task(script_deps="", script_content="result = 1")
    assert status(row) == ""
    assert "dependencies" not in ran(row).output
    row = change(row, script_deps="tiny")
    assert status(row) == "locking"
    change(row, execution_type="webhook", webhook_url="https://example.com")
    assert status(row) == ""


def test_the_deny_list_holds_for_what_comes_along(index: Index, settings: Any) -> None:
    index.add("outer", "1.0", {"outer.py": ""}, needs=["tiny"])
    settings.SCRIPT_DEPS_DENY = ["tiny"]
    run = ran(task(script_deps="outer"))
    assert (run.error_code, "tiny" in run.error) == ("deps_error", True)


def test_a_list_changed_later_holds_for_what_is_locked_anew(settings: Any) -> None:
    row = task()
    settings.SCRIPT_DEPS_ALLOW = ["something-else"]
    assert "does not allow tiny" in ran(row).error


class TestImportPaths:
    def lines(self, row: ScheduledTask, *, is_canceled: bool = False) -> tuple[list[str], tuple[str, ...]]:
        said: list[str] = []
        with environments.import_paths(row, said.append, lambda: is_canceled) as paths:
            assert all(Path(path).is_dir() for path in paths)
        return said, paths

    def test_are_none_and_nothing_is_said_where_there_are_no_dependencies(self) -> None:
        assert self.lines(task(script_deps="", script_content="result = 1")) == ([], ())

    def test_are_those_of_the_environment_which_is_installed_once(self) -> None:
        row = task()
        first, paths = self.lines(row)
        assert [line for line in first if line.startswith(("Locking", "Installing"))] == [
            "Locking the dependencies", "Installing the dependencies",
        ]  # fmt: skip
        assert self.lines(row) == ([], paths)

    def test_of_a_task_that_is_not_saved_are_locked_and_kept_nowhere(self) -> None:
        unsaved = ScheduledTask(script_content=SCRIPT, script_deps="tiny")
        assert self.lines(unsaved)[1]
        assert not TaskVersion.objects.exists()

    def test_are_an_error_for_what_can_not_be_read_or_is_not_allowed(self, settings: Any) -> None:
        settings.SCRIPT_DEPS_DENY = ["tiny"]
        for deps, why in (("-e .", "-e ."), ("tiny", "does not allow tiny")):
            with pytest.raises(DepsError, match=why):
                self.lines(ScheduledTask(script_content="pass", script_deps=deps))

    def test_a_cancel_ends_the_locking_and_says_nothing_of_the_dependencies(self) -> None:
        row = task()
        with pytest.raises(DepsCanceledError):
            self.lines(row, is_canceled=True)
        assert (status(row), version(row, 1).deps_error) == ("locking", "")

    def test_hold_no_database_connection_while_they_are_installed(self) -> None:
        row, open_while = task(), list[bool]()
        with environments.import_paths(
            row, lambda _: open_while.append(connection.connection is not None), bool
        ):
            pass
        assert open_while
        assert not any(open_while)


def test_a_save_locks_for_what_is_gone_or_can_not_be_locked_without_an_error() -> None:
    environments.lock(10**6)
    row = task(script_deps="nothing-such")
    environments.lock(row.pk)
    assert status(row) == "failed"


@pytest.fixture
def admin() -> Caller:
    return member("admin")


def test_the_api_takes_and_shows_them(admin: Caller) -> None:
    body = {"tenant_id": "acme", "task_name": "t", "time_points": ["08:00"], "script_content": "pass"}
    made = admin.post("/scheduled-tasks", body | {"script_deps": "tiny>=1"}).json()
    assert (made["script_deps"], made["deps_status"]) == ("tiny>=1", "locking")
    assert fields(admin.post("/scheduled-tasks", body | {"script_deps": "-e ."})) == {"script_deps"}


def test_the_api_refuses_what_the_operator_does_not_allow(admin: Caller, settings: Any) -> None:
    settings.SCRIPT_DEPS_DENY = ["tiny"]
    body = {"tenant_id": "acme", "script_content": "pass", "script_deps": "tiny", "stream": True}
    assert fields(admin.post("/scheduled-tasks/test-script", body)) == {"script_deps"}


def test_a_test_run_has_its_dependencies_too(admin: Caller) -> None:
    body = {"tenant_id": "acme", "script_content": SCRIPT, "script_deps": "tiny", "stream": True}
    test_id = admin.post("/scheduled-tasks/test-script", body).json()["test_id"]
    trial.attempt(test_id)
    shown = admin.get(f"/scheduled-tasks/test-script/{test_id}").json()
    assert (shown["error"], shown["result"]) == ("", "one")
    assert "Installing the dependencies" in shown["output"]
