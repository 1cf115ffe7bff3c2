"""A slot takes the messages behind its own from the queue: each once, in order, and no longer than it may."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone
from redis import Redis

from scheduling.beat import reconcile
from scheduling.grants.vars import Vars
from scheduling.lifecycle import dependency_locks
from scheduling.lifecycle.publish import publish
from scheduling.models import Run, RunStatus
from scheduling.tests import make
from scheduling.tests.make import NOW, release
from scheduling.worker import turn as turns
from scheduling.worker.claim import claim
from scheduling.worker.turn import turn
from testing import redis_away
from testing.patience import eventually
from testing.processes import Processes

LONG = 600.0  # seconds


@pytest.fixture(autouse=True)
def long_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_SECONDS", LONG)


@pytest.fixture
def leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_is_leaving", bytearray(1))


def published(*trace_ids: str) -> None:
    publish((trace_id, "script") for trace_id in trace_ids)


def test_a_turn_goes_on_with_what_is_behind_it_in_order(redis: Redis) -> None:
    published("a", "b", "c")
    assert list(turn("first", "script")) == ["first", "a", "b", "c"]
    assert not redis.exists("script")


def test_two_slots_share_a_queue() -> None:
    published(*"abcd")
    one, other = turn("first", "script"), turn("second", "script")
    assert [next(slot) for _ in range(3) for slot in (one, other)] == ["first", "second", *"abcd"]


def test_another_queues_messages_are_left_to_its_workers(redis: Redis) -> None:
    published("a")
    assert list(turn("first", "io")) == ["first"]
    assert redis.llen("script") == 1


def test_messages_of_other_tasks_are_left_to_celery(redis: Redis) -> None:
    current_app.send_task(dependency_locks.TASK, (1,), queue="script")
    published("a")
    assert list(turn("first", "script")) == ["first"]
    assert redis.llen("script") == 2


def test_what_is_no_message_is_left_to_celery(redis: Redis) -> None:
    redis.lpush("script", "7")
    assert list(turn("first", "script")) == ["first"]
    assert redis.llen("script") == 1


def test_a_turn_ends_when_its_time_is_over(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what the main process has taken ahead would wait for as long as there are messages."""
    published("a")
    monkeypatch.setattr(turns, "TURN_SECONDS", 0)
    assert list(turn("first", "script")) == ["first"]
    assert redis.llen("script") == 1


@pytest.mark.usefixtures("leaving")
def test_a_worker_that_ends_takes_no_more(redis: Redis) -> None:
    published("a", "b")
    slot = turn("first", "script")
    assert [next(slot), next(slot)] == ["first", "a"]
    turns.end_turns()
    assert list(slot) == []
    assert redis.llen("script") == 1


def test_without_redis_a_turn_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "client", redis_away.away)
    assert list(turn("first", "script")) == ["first"]


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_lost_with_its_slot_comes_again_and_is_claimed_once() -> None:
    run = make.run(make.task())
    release(NOW)
    assert list(turn("first", "script")) == ["first", run.trace_id]  # killed before the claim
    later = NOW + timedelta(seconds=31)
    reconcile.unpublish_unclaimed(later)
    release(later)
    assert list(turn("first", "script")) == ["first", run.trace_id]
    assert claim(run.trace_id, "w", later)
    assert claim(run.trace_id, "other", later) is None


WAITS = """
import time
while not get_var("go"):
    time.sleep(0.1)
"""


@pytest.mark.django_db(transaction=True)
def test_the_processes_of_a_pool_hear_that_their_worker_ends(redis: Redis) -> None:
    """A run that they began then would be lost with them."""
    task = make.task(timezone.now(), cron_expression="0 0 1 1 *", script_content=WAITS)
    runs = [make.run(task, timezone.now(), published_at=timezone.now()) for _ in range(3)]
    with Processes({"SOFT_SHUTDOWN_SECONDS": "86400"}) as processes:
        published(runs[0].trace_id)
        worker = processes.worker("prefork", 1, "script")
        eventually(lambda: _has(runs[0], status=RunStatus.RUNNING))
        published(runs[1].trace_id)
        eventually(lambda: redis.hlen("unacked") == 1)  # taken ahead: given back by the signal
        os.kill(worker.pid, signal.SIGTERM)
        eventually(lambda: redis.hlen("unacked") == 0)
        Vars(task.pk, task.tenant_id).set_var("go", True, "task")
        assert worker.wait(300) == 0
    assert _has(runs[0], status=RunStatus.SUCCESS)
    assert _has(runs[1], status=RunStatus.QUEUED)
    assert redis.llen("script") == 1


def _has(run: Run, **columns: Any) -> bool:
    return Run.objects.filter(pk=run.pk, **columns).exists()
