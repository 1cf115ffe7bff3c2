"""On MariaDB and a Redis that is there already, with proxies in the environment that lead nowhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from testing.instance import Instance
from testing.servers.redis_server import RedisServer

pytestmark = [pytest.mark.services, pytest.mark.acceptance, pytest.mark.xdist_group("database server")]


def test_it_comes_up_without_sqlite_and_starts_no_redis(tmp_path: Path, redis_server: RedisServer) -> None:
    env = {
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": f"redis://127.0.0.1:{redis_server.port}/1",
        "http_proxy": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }
    with Instance(tmp_path, env) as instance:
        instance.until_ready()
        assert not any("redis" in process.command for process in instance.seen())
        names = {path.name for path in tmp_path.iterdir()}
        doctor = instance.manage("doctor")
        instance.process.terminate()
        assert instance.wait() == 0
    assert names == {
        "secret-key",
        "encryption-keys",
        "admin-password",
        "api-token",
        "flower-password",
        "lock",
    }
    assert re.search(r"^ok      database  (MariaDB|MySQL) ", doctor.stdout, re.MULTILINE)
