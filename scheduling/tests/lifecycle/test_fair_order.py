"""What is put on Redis, and in which order; a real Redis counts the messages."""

import json

import pytest
from kombu.exceptions import OperationalError

from common import process_registry
from common.redis_client import client
from scheduling.execution import failed, success
from scheduling.lifecycle.transitions import finish
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW, release
from scheduling.worker.claim import claim

pytestmark = pytest.mark.django_db


def slots(count: int) -> None:
    process_registry.announce(process_registry.ProcessEntry("worker", "w", ["script", "io"], count))


def messages(queue: str = "script") -> list[str]:
    """Trace ids on a queue, the first to be taken first."""
    found = client().lrange(queue, 0, -1)
    return [json.loads(text)["headers"]["id"] for text in reversed(found)]


def start(run: Run) -> None:
    assert claim(run.trace_id, "w", NOW)


def test_a_due_run_is_published_once() -> None:
    run = make.run(make.task())
    assert release(NOW) == 1
    assert release(NOW) == 0
    assert messages() == [run.trace_id]


def test_a_run_is_not_published_before_its_time() -> None:
    make.run(make.task(), not_before=NOW + MINUTE)
    assert release(NOW) == 0


def test_each_kind_has_its_queue() -> None:
    run = make.run(make.task(execution_type="webhook", webhook_url="http://127.0.0.1/"))
    release(NOW)
    assert messages("io") == [run.trace_id]


def test_at_most_four_runs_a_slot_are_published_ahead() -> None:
    slots(2)
    task = make.task(overlap_policy="allow")
    runs = [make.run(task) for _ in range(20)]
    assert release(NOW) == 8
    start(runs[0])
    assert release(NOW) == 1


def test_another_tenants_run_is_among_the_next() -> None:
    slots(2)
    crowd = make.task(overlap_policy="allow")
    for _ in range(50):
        make.run(crowd)
    alone = make.run(make.task(tenant=make.tenant("other")))
    release(NOW)
    assert alone.trace_id in messages()[:2]


def test_a_higher_priority_goes_first_within_a_tenant() -> None:
    task = make.task(overlap_policy="allow")
    late, urgent, later = (make.run(task, priority=priority) for priority in (1, 9, 1))
    release(NOW)
    assert messages() == [urgent.trace_id, late.trace_id, later.trace_id]


def test_a_tenant_starts_no_more_than_its_max_running() -> None:
    task = make.task(overlap_policy="allow", tenant=make.tenant("small", max_running=2))
    runs = [make.run(task) for _ in range(5)]
    assert release(NOW) == 2
    start(runs[0])
    assert release(NOW) == 0
    runs[0].refresh_from_db()
    finish(runs[0], success(), NOW)
    assert release(NOW) == 1


def test_runs_that_must_wait_do_not_stand_in_the_way_of_others() -> None:
    slots(1)
    busy = make.task()
    start(make.run(busy))
    for _ in range(20):
        make.run(busy, waits=True)
    free = make.run(make.task())
    release(NOW)
    assert messages() == [free.trace_id]


def test_another_attempt_is_not_skipped_while_a_later_run_goes_on() -> None:
    task = make.task(overlap_policy="skip", retry_count=1, retry_interval=0)
    first, later = make.run(task), make.run(task)
    found = claim(first.trace_id, "w", NOW)
    assert found
    finish(found[0], failed("script_error", "no"), NOW)
    start(later)
    assert release(NOW) == 0
    first.refresh_from_db()
    assert first.status == "queued"
    later.refresh_from_db()
    finish(later, success(), NOW)
    assert release(NOW) == 1
    assert messages() == [first.trace_id]


def test_a_scheduled_run_is_skipped_while_an_earlier_one_goes_on() -> None:
    task = make.task()
    start(make.run(task))
    run = make.due(task, NOW)
    make.tick(NOW)
    assert release(NOW) == 0
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("skipped", "overlap")


def test_replace_cancels_the_one_that_runs_and_then_runs() -> None:
    task = make.task(overlap_policy="replace")
    old = make.run(task, trigger="schedule", due_at=NOW - MINUTE)
    start(old)
    new = make.due(task, NOW)
    make.tick(NOW)
    release(NOW)
    old.refresh_from_db()
    assert old.cancel_requested_at == NOW
    finish(old, success(), NOW)
    assert release(NOW) == 1
    assert messages() == [new.trace_id]


def test_a_run_by_hand_waits_for_the_one_before() -> None:
    task = make.task()
    first = make.run(task)
    start(first)
    second = make.run(task, waits=True)
    assert release(NOW) == 0
    first.refresh_from_db()
    finish(first, success(), NOW)
    release(NOW)
    assert messages() == [second.trace_id]


def test_what_redis_refused_stays_to_be_published(monkeypatch: pytest.MonkeyPatch) -> None:
    make.run(make.task())

    def refuse(*_: object) -> None:
        raise OperationalError("away")

    with monkeypatch.context() as patched:
        patched.setattr("scheduling.beat.release.publish", refuse)
        with pytest.raises(OperationalError):
            release(NOW)
    assert release(NOW) == 1


def test_a_deleted_tasks_run_is_published_so_that_it_ends() -> None:
    task = make.task()
    make.run(task)
    task.delete()
    assert release(NOW + HOUR) == 1
