from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from common import process_registry
from notifications import lateness, outbox
from notifications.models import DeliveryKind, NotifyChannel
from notifications.outbox import OutgoingMessage
from platform_site.doctor import processes
from platform_site.observability import health
from testing.callers import tenant
from testing.servers.redis_server import RedisServer

pytestmark = pytest.mark.django_db


TOKEN = "of-the-monitoring"


@pytest.fixture(autouse=True)
def _token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def ready(web: Client, token: str = TOKEN) -> tuple[int, dict[str, str]]:
    answer = web.get("/readyz", headers={"authorization": f"Bearer {token}"} if token else {})
    return answer.status_code, answer.json()["checks"]


@pytest.fixture
def all_alive() -> None:
    process_registry.announce(process_registry.ProcessEntry("beat", "b", [], 0))
    process_registry.announce(process_registry.ProcessEntry("worker", "io", ["io", "notify"], 4))
    process_registry.announce(process_registry.ProcessEntry("worker", "script", ["script"], 2))


@pytest.mark.usefixtures("all_alive")
def test_it_is_ready_when_a_due_task_would_run(client: Client) -> None:
    assert ready(client) == (200, dict.fromkeys(["database", "redis", "beat", "workers", "outbox"], "ok"))


@pytest.mark.parametrize(
    ("role", "name", "check", "why"),
    [
        ("beat", "b", "beat", "no beat is running"),
        ("worker", "script", "workers", "no worker serves script"),
        ("worker", "io", "workers", "no worker serves io, notify"),
    ],
)
@pytest.mark.usefixtures("all_alive")
def test_who_has_left_is_missed(
    client: Client, role: process_registry.Role, name: str, check: str, why: str
) -> None:
    process_registry.leave(role, name)
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
    others = dict.fromkeys(["redis", "beat", "workers", "outbox"], "ok")
    assert ready(client) == (503, others | {"database": "gone away"})
    assert ready(client, token="") == (503, others | {"database": "failed"})


@pytest.mark.usefixtures("all_alive")
def test_a_stranger_hears_which_part_fails_and_never_why(client: Client) -> None:
    process_registry.leave("beat", "b")

    def away(*_: object) -> None:
        raise OperationalError(2002, "Can't connect to server on '10.0.0.7' (115)")

    for token in ("", "wrong"):
        with connection.execute_wrapper(away):
            answer = ready(client, token)
        failed = dict.fromkeys(["database", "beat", "outbox"], "failed")
        assert answer == (503, failed | {"redis": "ok", "workers": "ok"})


@pytest.mark.usefixtures("all_alive")
def test_a_message_that_nobody_sends_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lateness, "LOOK_AGAIN_SECONDS", 0)
    channel = NotifyChannel(tenant=tenant(), channel_type="json", webhook_url="https://example.com")
    channel.save()
    message = OutgoingMessage("hello", DeliveryKind.RESULT)
    outbox.enqueue([channel], message, timezone.now() - timedelta(seconds=90))
    status, checks = ready(client)
    assert (status, "a message is 9" in checks["outbox"]) == (503, True)
    [finding] = processes.outbox()
    assert (finding.part, finding.grade) == ("outbox", "problem")
    assert finding.fix


def test_probes_are_answered_without_tls(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/admin/").status_code == 301
