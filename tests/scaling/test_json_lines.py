"""LOG_FORMAT=json: each process of docker-compose.yml, from its start to its end, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.utils import timezone

from scheduling.lifecycle.publish import publish
from scheduling.models import Run, RunStatus
from scheduling.tests import make
from testing.patience import eventually
from testing.servers.redis_server import RedisServer
from tests.scaling.roles import Roles

pytestmark = [pytest.mark.acceptance, pytest.mark.django_db(transaction=True)]
CHOSEN = {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG", "WEB_ACCESS_LOG": "true", "SOFT_SHUTDOWN_SECONDS": "4"}
TALKS = """
import contextlib, os, sys, time, warnings
print("said")
print("told", file=sys.stderr)
for descriptor in (1, 2):
    with contextlib.suppress(OSError):
        os.write(descriptor, b"written\\n")
warnings.warn("beware")
time.sleep(1000)
"""


@pytest.mark.parametrize("role", ["beat", "flower", "web", "worker-io", "worker-notify", "worker-script"])
def test_every_line_is_json_and_a_health_check_leaves_none(
    tmp_path: Path, redis_server: RedisServer, role: str
) -> None:
    with Roles(tmp_path, CHOSEN) as roles:
        process = roles.start(role)
        eventually(lambda: roles.is_healthy(role, process))
        if role == "worker-script":
            begin_a_script()
        with redis_server.stopped():
            assert roles.is_healthy(role, process)
        roles.stop(role, process)
        said = roles.said()
    lines = [json.loads(line) for line in said.splitlines()]
    assert all(line.keys() >= {"at", "level", "logger", "message"} for line in lines)
    assert "/health" not in said


def test_migrations_and_the_first_login_say_nothing(tmp_path: Path) -> None:
    with Roles(tmp_path, CHOSEN) as roles:
        roles.given["DATABASE_URL"] = f"sqlite:///{tmp_path / 'new.sqlite3'}"
        assert roles.start("migrate").wait() == 0
        assert roles.said() == ""


def begin_a_script() -> None:
    """One that does not end in time, and says all that it can."""
    now = timezone.now()
    run = make.run(make.task(now, script_content=TALKS, cron_expression="0 0 1 1 *"), now)
    Run.objects.filter(pk=run.pk).update(published_at=now, not_before=now)
    publish([(run.trace_id, "script")])
    begun = Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING, lines__isnull=False)
    eventually(begun.exists)
