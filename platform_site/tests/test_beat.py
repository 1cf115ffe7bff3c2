"""beat is a process for itself: what it loads it keeps for weeks."""

from __future__ import annotations

import subprocess
import sys

from scheduling.kinds import KINDS

PAGES_AND_WORK = (
    "django.contrib.admin",
    "unfold",
    "ninja",
    "scheduling.admin",
    "scheduling.api",
    *(kind.builder.rpartition(".")[0] for kind in KINDS.values()),
    "scheduling.kinds.dify.client",
    "scheduling.kinds.dify.executor",
    "scheduling.tasks",
    "scheduling.worker",
    "flower",
)
LOADED = """
import sys
from celery_app import app
from platform_site.beat import Beat
beat = Beat(app=app, quiet=True)
beat.init_loader()
beat.Service(app=app, scheduler_cls=beat.scheduler_cls).get_scheduler(lazy=True)
print(*sys.modules)
"""


def test_it_loads_no_pages_and_no_executors() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "scheduling.beat.scheduler" in loaded
    assert loaded.isdisjoint(PAGES_AND_WORK)
