"""GET /api/stats: the numbers of what the caller sees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis
import time_machine
from django.utils import timezone

from common import process_registry
from common.process_registry import ProcessEntry
from scheduling.models import RunStatus
from scheduling.tests import make
from testing.callers import Caller, member, superuser, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    """At noon: what is a minute old is of today."""
    with time_machine.travel(datetime(2026, 3, 1, 4, 0, tzinfo=UTC), tick=False):
        yield


def test_it_counts_what_the_caller_sees() -> None:
    now = timezone.now()
    mine, other = (
        make.task(now),
        make.task(now, tenant=tenant("other"), execution_type="webhook", webhook_url="https://a.b"),
    )
    for status in (RunStatus.SUCCESS, RunStatus.SUCCESS, RunStatus.SUCCESS, RunStatus.FAILED):
        make.run(mine, now, status=status)
    make.run(other, now)
    seen = member("viewer").get("/stats").json()
    assert (seen["today"]["total"], seen["today"]["success"], seen["success_rate_7d"]) == (4, 3, 0.75)
    assert seen["queue_depth"] == {"io": 0, "script": 0, "notify": 0}
    assert [coming["task_id"] for coming in seen["next"]] == [mine.pk]
    assert len(seen["daily"]) == 14
    root = superuser()
    assert root.get("/stats").json()["queue_depth"]["io"] == 1
    assert root.get("/stats", tenant_id="acme").json()["today"] == seen["today"]


def test_lateness_is_from_the_due_time_to_the_first_start() -> None:
    now = timezone.now()
    for late in (20, 10, 30):
        due = now - timedelta(milliseconds=late)
        make.run(make.task(now), now, trigger="schedule", due_at=due, first_started_at=now)
    assert superuser().get("/stats").json()["due_to_claimed_ms"] == {"p50": 20, "p99": 20}
    assert member("viewer", "other").get("/stats").json()["due_to_claimed_ms"] == {"p50": None, "p99": None}


def test_who_is_alive_is_for_superusers() -> None:
    process_registry.announce(ProcessEntry("worker", "io@a", ["io", "notify"], 8))
    process_registry.announce(ProcessEntry("beat", "b", [], 0))
    seen = superuser().get("/stats").json()
    assert [(worker["name"], worker["slots"]) for worker in seen["workers"]] == [("io@a", 8)]
    assert [beat["name"] for beat in seen["beats"]] == ["b"]
    assert member("viewer").get("/stats").json()["workers"] == []


def test_without_redis_the_rest_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = redis.Redis(port=1, socket_connect_timeout=1)
    monkeypatch.setattr("common.process_registry.client", lambda: nowhere)
    seen = superuser().get("/stats").json()
    assert (seen["workers"], seen["today"]["total"]) == (None, 0)


def test_a_foreign_tenants_numbers_are_not_there() -> None:
    tenant("other")
    caller: Caller = member("admin")
    assert caller.get("/stats", tenant_id="other").status_code == 404
    assert caller.get("/stats", tenant_id="nowhere").status_code == 404
