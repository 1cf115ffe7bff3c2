"""/metrics: who may read it, and what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings
from redis import Redis

from notifications.models import Delivery
from platform_site import metrics
from scheduling.engine import presence
from scheduling.engine.presence import Presence
from scheduling.tests import make
from tenants import tokens
from tests.callers import tenant, user

pytestmark = pytest.mark.django_db
TOKEN = "scrape-me"


@pytest.fixture(autouse=True)
def _token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(token: str = TOKEN) -> Any:
    return Client().get("/metrics", headers={"authorization": f"Bearer {token}"})


def samples() -> dict[str, float]:
    """ "name,value,…" as Prometheus reads them, without the prefix; the values in the order of their labels' names."""
    families = text_string_to_metric_families(scrape().content.decode())
    return {
        ",".join([sample.name.removeprefix("platform_"), *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def test_only_its_own_token_and_superusers_read_it(settings: Settings) -> None:
    root, ann = user("root", is_superuser=True), user("ann", {"acme": "admin"})
    assert scrape().status_code == 200
    assert scrape(tokens.issue(root, "t")[1]).status_code == 200
    assert scrape(tokens.issue(root, "t", tenant=tenant())[1]).status_code == 401
    assert scrape(tokens.issue(ann, "t")[1]).status_code == 401
    assert scrape("").status_code == 401
    settings.METRICS_TOKEN = ""
    assert scrape().status_code == scrape("").status_code == 401


def test_a_session_reads_it_as_a_superuser_only() -> None:
    client = Client()
    assert client.get("/metrics").status_code == 401
    client.force_login(user("ann", {"acme": "admin"}))
    assert client.get("/metrics").status_code == 401
    client.force_login(user("root", is_superuser=True))
    assert client.get("/metrics")["Content-Type"].startswith("text/plain; version=0.0.4")


def test_runs_are_counted_by_status_and_kind() -> None:
    now, task = timezone.now(), make.task(timezone.now())
    hook = make.task(now, execution_type="webhook", webhook_url="https://a.b")
    for status in ("success", "success", "failed", "running"):
        make.run(task, now, status=status)
    make.run(task, now - timedelta(hours=1), status="success")
    make.run(hook, now)
    make.run(hook, now + timedelta(hours=1))
    found = samples()
    assert found["runs_ended_recently,script,success"] == 2
    assert found["runs_ended_recently,script,failed"] == 1
    assert found["runs_unfinished,script,running"] == 1
    assert found["runs_unfinished,webhook,queued"] == 1


def test_lateness_is_of_the_last_minutes() -> None:
    now = timezone.now()
    for late, ago in ((0.02, 1), (0.04, 2), (9, 3600)):
        due = now - timedelta(seconds=ago)
        started = due + timedelta(seconds=late)
        make.run(make.task(now), now, trigger="schedule", due_at=due, first_started_at=started)
    found = samples()
    assert [found[f"due_to_claimed_seconds,{q}"] for q in ("0.5", "0.99", "1")] == [0.02, 0.02, 0.04]


def test_a_queue_is_as_deep_as_its_messages_and_the_rows_that_wait(redis: Redis) -> None:
    now = timezone.now()
    task = make.task(now)
    make.run(task, now), make.run(task, now), make.run(task, now, published_at=now)
    redis.lpush("script", "message")
    Delivery.objects.create(msg_uuid="u", robot="r", kind="result", next_attempt_at=now)
    found = samples()
    assert (found["queue_waiting_rows,script"], found["queue_messages,script"]) == (2, 1)
    assert (found["queue_waiting_rows,io"], found["queue_messages,io"]) == (0, 0)
    assert (found["queue_waiting_rows,notify"], found["queue_messages,notify"]) == (1, 0)


def test_deliveries_are_counted_by_status_the_old_ones_not() -> None:
    now = timezone.now()
    for status, at in (
        ("sent", now),
        ("sent", now - timedelta(hours=1)),
        ("pending", now - timedelta(hours=1)),
    ):
        Delivery.objects.create(msg_uuid="u", robot="r", kind="result", status=status, next_attempt_at=at)
    found = samples()
    assert (found["deliveries,sent"], found["deliveries,pending"]) == (1, 1)


def test_it_says_who_is_alive() -> None:
    presence.announce(Presence("beat", "b", [], 0))
    presence.announce(Presence("worker", 'odd "name"', ["io", "notify"], 8))
    presence.announce(Presence("worker", "script@a", ["script"], 2, sandbox_level=3))
    found = samples()
    assert found["beat_tick_age_seconds,b"] >= 0
    assert found['worker_slots,notify,odd "name"'] == 8
    assert found["worker_sandbox_level,script@a"] == 3
    assert 'worker_sandbox_level,odd "name"' not in found


def test_without_redis_the_rest_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "client", lambda: Redis(port=1, socket_connect_timeout=1))
    found = samples()
    assert (found["up,redis"], found["up,database"]) == (0, 1)
    assert "queue_waiting_rows,io" in found


def test_without_the_database_the_rest_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setitem(metrics.PARTS, "database", (away,))
    found = samples()
    assert (found["up,redis"], found["up,database"]) == (1, 0)
    assert "queue_messages,io" in found
