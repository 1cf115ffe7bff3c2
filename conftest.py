"""For all tests: one Redis per test process, empty at the start of each test; no test depends on speed.

What asks the database runs on SQLite and, in `make test-services`, on MariaDB, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.fixtures import Settings
from redis import Redis

from common import metrics, traces
from common.redis_client import client
from scheduling.lifecycle.tenant_shares import SHARES
from testing.servers.otlp import Collector
from testing.servers.redis_server import RedisServer

hypothesis_settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any machine")

# Folders whose subject lies above SQL: pages and HTTP. What they call to read and write is tested on both databases
# where it lives. The admin's queries have the mark of their own: scheduling/tests/admin/test_list_plans.py.
ABOVE_SQL = {"admin", "browser", "pages", "web"}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what asks the database, wherever it is new."""
    folders = item.path.relative_to(item.config.rootpath).parts
    asks = item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())
    if asks and not item.get_closest_marker("acceptance") and ABOVE_SQL.isdisjoint(folders):
        item.add_marker("sql")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Run a Redis where `settings.REDIS_URL` points; tests/settings.py has chosen the port."""
    port = urlsplit(settings.REDIS_URL).port
    assert port is not None
    with RedisServer(port, tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_port(redis_server: RedisServer) -> int:
    return redis_server.port


@pytest.fixture(autouse=True)
def redis(redis_server: RedisServer) -> Redis:
    """Empty Redis and return the platform's own connection.

    It is emptied before a test, not after it, so that a failed test's keys can be looked at.
    """
    metrics.flush()  # written now, so that the previous test's counts are deleted below
    SHARES.known.clear()  # what the previous test has learned about slots and tenants
    client().flushall()
    return client()


@pytest.fixture
def collector(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Run a collector of traces, to which this process sends its spans."""
    with Collector() as running:
        settings.OTEL_EXPORTER_OTLP_ENDPOINT = running.url
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        traces.exporter.cache_clear()
        yield running
        traces.exporter.cache_clear()
