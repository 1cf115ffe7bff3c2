from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings

from platform_site import health
from scheduling.engine import presence
from tests.servers.redis_server import RedisServer

pytestmark = pytest.mark.django_db


def ready(web: Client) -> tuple[int, dict[str, str]]:
    answer = web.get("/readyz")
    return answer.status_code, answer.json()["checks"]


@pytest.fixture
def all_alive() -> None:
    presence.announce(presence.Presence("beat", "b", [], 0))
    presence.announce(presence.Presence("worker", "io", ["io", "notify"], 4))
    presence.announce(presence.Presence("worker", "script", ["script"], 2))


@pytest.mark.usefixtures("all_alive")
def test_it_is_ready_when_a_due_task_would_run(client: Client) -> None:
    assert ready(client) == (200, dict.fromkeys(["database", "redis", "beat", "workers"], "ok"))


@pytest.mark.parametrize(
    ("role", "name", "check", "why"),
    [
        ("beat", "b", "beat", "no beat has announced itself"),
        ("worker", "script", "workers", "no worker takes from script"),
        ("worker", "io", "workers", "no worker takes from io, notify"),
    ],
)
@pytest.mark.usefixtures("all_alive")
def test_who_has_left_is_missed(client: Client, role: presence.Role, name: str, check: str, why: str) -> None:
    presence.leave(role, name)
    status, checks = ready(client)
    assert (status, why in checks[check]) == (503, True)


@pytest.mark.usefixtures("all_alive")
def test_without_redis_it_is_not_ready_but_alive(client: Client, redis_server: RedisServer) -> None:
    redis_server.stop()
    try:
        status, checks = ready(client)
        assert (status, checks["database"]) == (503, "ok")
        assert "ok" not in (checks["redis"], checks["beat"], checks["workers"])
        assert client.get("/healthz").json() == {"status": "ok"}
    finally:
        redis_server.start()


@pytest.mark.usefixtures("all_alive")
def test_without_a_database_it_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError("gone away")

    monkeypatch.setitem(health.CHECKS, "database", away)
    assert ready(client) == (503, {"database": "gone away", "redis": "ok", "beat": "ok", "workers": "ok"})


def test_probes_are_answered_without_tls(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/admin/").status_code == 301
