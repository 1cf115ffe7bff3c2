"""A run that somebody asks for goes out with its commit, where that passes over nobody."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu.exceptions import OperationalError

from common.redis_client import client
from scheduling.acts import runs
from scheduling.beat import reconcile
from scheduling.lifecycle import publish_at_once
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.make import NOW, release
from scheduling.worker.claim import claim
from testing.actors import ANN

pytestmark = pytest.mark.django_db(transaction=True)


def messages() -> list[str]:
    return [json.loads(text)["headers"]["id"] for text in client().lrange("script", 0, -1)]


def is_marked(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, published_at__isnull=False).exists()


def test_a_requested_run_is_on_redis_after_its_commit_and_not_before() -> None:
    task = make.task()
    with transaction.atomic():
        run = runs.run_now(task, ANN, NOW)
        assert messages() == []
    assert messages() == [run.trace_id]
    assert is_marked(run)


def test_its_mark_costs_no_commit_of_its_own() -> None:
    task = make.task()
    with CaptureQueriesContext(connection) as asked:
        runs.run_now(task, ANN, NOW)
    assert not [query for query in asked if query["sql"].startswith("UPDATE")]


def test_a_message_that_came_before_its_commit_goes_first() -> None:
    with transaction.atomic():
        run = runs.run_now(make.task(), ANN, NOW)
        client().lpush("script", "{}")
    assert not is_marked(run)


def test_after_a_kill_between_its_commit_and_its_message_beat_sends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publish_at_once, "send", lambda run: None)
    run = runs.run_now(make.task(), ANN, NOW)
    later = timezone.now() + timedelta(seconds=31)
    assert release(later) == 0
    reconcile.unpublish_unclaimed(later)
    assert release(later) == 1
    assert messages() == [run.trace_id]


def test_beat_does_not_send_it_again() -> None:
    runs.run_now(make.task(), ANN, NOW)
    assert release(NOW) == 0


def test_a_rerun_goes_out_too() -> None:
    task = make.task()
    run = runs.rerun(make.run(task, status="failed"), ANN, NOW)
    assert messages() == [run.trace_id]


def test_behind_other_messages_it_waits_for_its_turn() -> None:
    client().lpush("script", "{}")
    run = runs.run_now(make.task(), ANN, NOW)
    assert not is_marked(run)


def test_a_tenants_max_running_is_left_to_beat() -> None:
    run = runs.run_now(make.task(tenant=make.tenant("small", max_running=1)), ANN, NOW)
    assert (messages(), is_marked(run)) == ([], False)


def test_what_redis_does_not_take_waits_in_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish_at_once, "publish", _away)
    run = runs.run_now(make.task(), ANN, NOW)
    assert not is_marked(run)


def _away(*_: object) -> None:
    raise OperationalError


def test_for_a_busy_task_it_waits_after_the_claim_that_failed() -> None:
    task = make.task()
    assert claim(make.run(task).trace_id, "w1", NOW)
    run = runs.run_now(task, ANN, NOW)
    assert claim(run.trace_id, "w2", NOW) is None
    assert not is_marked(run)
