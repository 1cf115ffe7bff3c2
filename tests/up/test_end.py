"""However a tree ends, nothing of it is left."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.instance import Instance
from testing.process_tree import Seen, until_gone

pytestmark = pytest.mark.acceptance

LONG_SCRIPT = """
from django.utils import timezone
from scheduling.acts import runs, tasks
from scheduling.models import ScheduledTask
from tenants.access import SYSTEM

task = ScheduledTask(task_name="long", script_content={script!r}, schedule_type="cron", cron_expression="0 0 1 1 *")
runs.run_now(tasks.create(task, SYSTEM, timezone.now()), SYSTEM, timezone.now())
"""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with Instance(tmp_path / "data") as running:
        yield running.until_ready()


def run_script(instance: Instance, script: str) -> None:
    """Starts it and waits until a worker has it."""
    started = instance.manage("shell", "-c", LONG_SCRIPT.format(script=script))
    assert started.returncode == 0, started.stderr
    while status(instance) == "queued":
        assert instance.process.poll() is None, instance.output
        time.sleep(0.05)


def status(instance: Instance) -> str:
    with sqlite3.connect(instance.data_dir / "platform.sqlite3") as database:
        return str(database.execute("SELECT status FROM platform_task_logs").fetchone()[0])


def zygotes(seen: list[Seen]) -> list[Seen]:
    return [process for process in seen if "sandbox.guest" in process.command]


def test_a_running_script_is_given_its_time_and_two_signals_are_one(instance: Instance) -> None:
    run_script(instance, "import time; time.sleep(1)")
    seen = instance.seen()
    instance.send(signal.SIGTERM)
    instance.send(signal.SIGTERM)
    instance.send(signal.SIGINT)
    assert instance.wait() == 0
    assert until_gone(seen, 0) == []
    assert status(instance) == "success"
    assert not (instance.data_dir / "redis-url").exists()


def test_a_script_without_an_end_is_not_waited_for(instance: Instance) -> None:
    run_script(instance, "import time; time.sleep(200)")
    seen = instance.seen()
    instance.send(signal.SIGINT)
    assert instance.wait() == 0
    assert until_gone(seen, 0) == []


def test_a_killed_supervisor_leaves_nothing_and_the_next_keeps_all_data(instance: Instance) -> None:
    run_script(instance, "import time; time.sleep(200)")
    while len(zygotes(instance.seen())) < 2:  # the zygote itself, and its fork that runs the script
        time.sleep(0.05)
    seen = instance.seen()
    kept = {
        name: instance.file(name) for name in ("secret-key", "encryption-keys", "admin-password", "api-token")
    }
    instance.send(signal.SIGKILL)
    instance.process.wait()
    instance.start()  # at once: it waits for the old tree's ports
    instance.until_ready()
    assert until_gone(seen) == []
    assert {name: instance.file(name) for name in kept} == kept
    assert kept["admin-password"] not in instance.output


@pytest.mark.parametrize("name", ["platform_site.web", "redis-server"])
def test_one_that_dies_ends_the_whole_with_its_name(instance: Instance, name: str) -> None:
    seen = instance.seen()
    guard = instance.guard_of(name)
    victim = next(process for process in seen if name in process.command and process != guard)
    os.kill(victim.pid, signal.SIGKILL)
    assert instance.wait() == 1
    service = "redis" if name == "redis-server" else "web"
    assert f"{service} ended with code 137; its last lines:" in instance.output
    assert until_gone(seen, 0) == []


def test_a_killed_guard_ends_the_whole_too(instance: Instance) -> None:
    seen = instance.seen()
    os.kill(instance.guard_of("platform_site.worker script").pid, signal.SIGKILL)
    assert instance.wait() == 1
    assert "script ended with code -9" in instance.output
    assert until_gone(seen, 0) == []


def test_it_ends_when_make_is_killed(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "data")
    instance.start(wrapped=True)
    instance.until_ready()
    seen = instance.seen()
    instance.send(signal.SIGKILL)
    assert until_gone(seen) == []
    instance.wait()
