"""What a run's end lets begin, begins then: no tick of beat is needed in between, or one is asked for."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
import redis
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from common.redis_client import client
from scheduling.acts import backfills
from scheduling.acts import runs as run_acts
from scheduling.beat import fire, refill
from scheduling.beat.scheduler import Ticker
from scheduling.execution import Outcome, failed, success
from scheduling.lifecycle import wake
from scheduling.lifecycle.transitions import cancel, finish
from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, release, tick
from scheduling.worker.claim import claim
from tenants.access import SYSTEM
from testing.actors import ANN

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 600.0  # seconds: the test's time limit would tell of a sleep


def taken() -> list[str]:
    """What workers find on the queue, the first to be taken first; it is empty then."""
    found = [json.loads(text)["headers"]["id"] for text in reversed(client().lrange("script", 0, -1))]
    client().delete("script")
    return found


def begin(run: Run) -> Run:
    claimed = claim(run.trace_id, "w", NOW)
    assert claimed
    return claimed[0]


def is_woken() -> bool:
    return bool(client().exists(wake.KEY))


def line(task: ScheduledTask, count: int) -> list[Run]:
    return [make.run(task, due_at=NOW) for _ in range(count)]


@pytest.mark.parametrize("outcome", [success(), failed("script_error", "no")])
def test_a_line_goes_on_without_a_tick_of_beat(outcome: Outcome) -> None:
    runs = line(make.task(), 5)
    release(NOW)
    for run in runs:
        assert taken() == [run.trace_id]
        finish(begin(run), outcome, NOW)
    assert taken() == []
    assert not is_woken()


def test_a_beat_that_has_sent_the_next_is_not_overtaken_by_the_one_behind() -> None:
    """It came between the end and the look at what follows."""
    task = make.task()
    running = begin(make.run(task))
    with transaction.atomic():
        finish(running, success(), NOW)
        following = line(task, 2)
        release(NOW)
        assert taken() == [following[0].trace_id]
    assert taken() == []


def test_late_due_times_go_out_one_after_another() -> None:
    task = make.task(misfire_policy="fire_all")
    later = NOW + 4 * MINUTE
    tick(later)
    release(later)
    for minutes in (1, 2, 3, 4):
        run = Run.objects.get(fire_at=NOW + minutes * MINUTE)
        assert taken() == [run.trace_id]
        found = claim(run.trace_id, "w", later)
        assert found
        finish(found[0], success(), later)
    assert set(Run.objects.filter(task=task).values_list("status", flat=True)) == {"success"}


def test_a_lost_workers_attempt_and_a_cancel_let_the_next_begin() -> None:
    task = make.task(retry_count=1, retry_interval=600)
    first, second = line(task, 2)
    release(NOW)
    taken()
    running = begin(first)
    Run.objects.filter(pk__in=[first.pk, second.pk]).update(trigger="schedule")
    running.refresh_from_db()
    finish(running, failed("http_status", "no"), NOW)
    assert taken() == []  # it keeps its place
    cancel(first, NOW, "ann")
    assert taken() == [second.trace_id]


def test_a_run_by_hand_begins_while_another_attempt_is_waited_for() -> None:
    task = make.task(retry_count=1, retry_interval=600)
    running = begin(make.run(task, trigger="schedule"))
    by_hand = make.run(task, trigger="manual")
    finish(running, failed("http_status", "no"), NOW)
    assert taken() == [by_hand.trace_id]


def test_others_messages_go_first() -> None:
    """A place is free, but those who wait for it have their turn: beat knows it."""
    first, second = line(make.task(), 2)
    running = begin(first)
    client().lpush("script", "{}")
    finish(running, success(), NOW)
    second.refresh_from_db()
    assert second.published_at is None


def test_behind_others_messages_the_next_in_line_costs_no_statement() -> None:
    """Under load a queue is seldom empty: at each end this would be a third of what a run costs."""
    client().lpush("script", "{}")
    alone, (first, _) = make.run(make.task()), line(make.task(), 2)
    counts = []
    for running in (begin(alone), begin(first)):
        with CaptureQueriesContext(connection) as asked:
            finish(running, success(), NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_under_a_tenants_limit_beat_is_woken_where_something_waits() -> None:
    limited = make.tenant("small", max_running=1)
    first, second = (make.run(make.task(tenant=limited)) for _ in range(2))
    finish(begin(first), success(), NOW)
    assert is_woken()
    client().flushdb()
    finish(begin(second), success(), NOW)
    assert not is_woken()


def test_under_a_tenants_limit_the_next_in_line_takes_the_place_of_the_one_before() -> None:
    """Else each of a hundred late due times would wait for a look of beat."""
    first, second = line(make.task(tenant=make.tenant("small", max_running=1)), 2)
    finish(begin(first), success(), NOW)
    assert taken() == [second.trace_id]
    assert not is_woken()


def test_a_place_under_a_tenants_limit_is_not_the_lines_while_another_task_waits_for_it() -> None:
    limited = make.tenant("small", max_running=1)
    first, _ = line(make.task(tenant=limited), 2)
    line(make.task(tenant=limited), 1)
    finish(begin(first), success(), NOW)
    assert taken() == []
    assert is_woken()


def test_a_backfill_with_its_own_limit_wakes_beat() -> None:
    task = make.task(overlap_policy="allow")
    backfills.start(task, NOW - 2 * MINUTE, NOW, 1, SYSTEM, NOW)
    first, second = Run.objects.order_by("pk")
    finish(begin(first), success(), NOW)
    assert is_woken()
    client().flushdb()
    finish(begin(second), success(), NOW)
    assert not is_woken()


def test_a_window_to_be_caught_up_wakes_beat_and_a_last_one_does_not() -> None:
    task = make.windows_task(last_end_time=NOW - 20 * MINUTE)
    for woken in (True, False):
        client().flushdb()
        fire.fire(NOW)
        finish(begin(Run.objects.get(task=task, status="queued")), success(), NOW)
        assert is_woken() is woken


def test_where_beat_must_send_what_was_asked_for_it_is_woken() -> None:
    run_acts.run_now(make.task(tenant=make.tenant("small", max_running=1)), ANN, NOW)
    assert is_woken()


def test_a_beat_that_is_woken_looks_again_at_once() -> None:
    sleeper = threading.Thread(target=Ticker("beat-1", now=lambda: NOW).rest, args=(LONG,), daemon=True)
    sleeper.start()
    wake.beat()
    sleeper.join(LONG)
    assert not sleeper.is_alive()


def test_a_call_during_its_look_is_heard_after_it_and_many_are_one() -> None:
    for _ in range(10):
        wake.beat()
    assert refill.wait(LONG, set()) == set()
    assert not is_woken()


def test_a_busy_beat_is_woken_too() -> None:
    client().lpush("script", *range(100))
    wake.beat()
    assert refill.wait(LONG, {"script"}) == set()


def test_with_redis_away_a_run_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    task = make.windows_task(last_end_time=NOW - 20 * MINUTE)
    fire.fire(NOW)
    running = begin(Run.objects.get(task=task))

    def away(*_: object, **__: object) -> None:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(type(client()), "pipeline", away)
    assert finish(running, success(), NOW)


def test_a_run_that_waits_for_a_place_at_dify_keeps_its_place_in_the_line() -> None:
    first, second = line(make.task(), 2)
    Run.objects.filter(pk__in=[first.pk, second.pk]).update(trigger="schedule")
    soon = NOW + timedelta(seconds=1)
    Run.objects.filter(pk=first.pk).update(error_code="dify_rate", not_before=soon)
    assert release(NOW) == 0
    assert release(soon) == 1
    assert taken() == [first.trace_id]
