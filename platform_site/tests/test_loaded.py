"""What each process loads: it keeps that for weeks."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from scheduling.kinds import KINDS

PAGES = {
    *("django.contrib.admin", "django.contrib.staticfiles", "unfold", "ninja", "pydantic"),
    *("scheduling.admin", "scheduling.api", "notifications.api", "platform_site.web.urls"),
}
CELERYS_COMMANDS = {"celery.bin.celery", "flower", "tornado"}
EXECUTORS = {kind.builder.rpartition(".")[0] for kind in KINDS.values()}
BEAT = """
from celery_app import app
from platform_site.beat import Beat
beat = Beat(app=app, quiet=True)
beat.init_loader()
beat.Service(app=app, scheduler_cls=beat.scheduler_cls).get_scheduler(lazy=True)
"""
WORKER = "from platform_site.worker import worker; worker({!r}, 'here')"
FLOWER = "from platform_site.flower import flower; flower()"


def loaded(code: str, *flags: str) -> set[str]:
    """Return the names of all modules that are loaded after `code`."""
    shown = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, *flags, "-c", shown], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_beat_loads_no_pages_and_no_executors() -> None:
    found = loaded(BEAT)
    assert "scheduling.beat.scheduler" in found
    work = {"scheduling.kinds.dify.client", "scheduling.tasks", "scheduling.worker"}
    assert found.isdisjoint(PAGES | CELERYS_COMMANDS | EXECUTORS | work)


@pytest.mark.parametrize("queue", ["io", "notify", "script"])
def test_a_worker_loads_no_pages(queue: str) -> None:
    found = loaded(WORKER.format(queue))
    assert {"scheduling.tasks", "notifications.tasks"} <= found
    assert found.isdisjoint(PAGES | CELERYS_COMMANDS)


def test_flower_loads_no_apps() -> None:
    found = loaded(FLOWER)
    assert "flower.app" in found
    assert found.isdisjoint(PAGES | {"scheduling", "notifications", "tenants", "django.contrib.auth"})


def test_the_supervisor_loads_nothing_but_the_standard_library_and_its_own_folder() -> None:
    found = loaded("import platform_site.up.supervisor", "-S")
    foreign = {name for name in found if name.partition(".")[0] not in {*sys.stdlib_module_names, "__main__"}}
    assert foreign
    assert {name for name in foreign if not f"{name}.".startswith("platform_site.up.")} == {"platform_site"}
