"""A message from Redis becomes this worker's run, or nothing: it may come twice, late, or for what is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import metrics as counts
from scheduling.lifecycle import traces
from scheduling.lifecycle.leases import LEASE
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import Run, ScheduledTask, Trigger
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, state
from scheduling.worker.claim import begin, claim

pytestmark = pytest.mark.django_db


def test_a_message_that_comes_twice_is_claimed_once() -> None:
    run = make.run(make.task())
    assert claim(run.trace_id, "w1", NOW) is not None
    assert claim(run.trace_id, "w2", NOW) is None
    assert state(run) == ("running", "", 1)


def test_what_is_claimed_is_the_run_and_its_task_as_they_are_now() -> None:
    task = make.task(tenant=make.tenant("acme"))
    run = make.run(task)
    make.change(task, task_name="renamed")
    found = claim(run.trace_id, "w1", NOW)
    assert found is not None
    assert (found[0].pk, found[0].worker, found[0].lease_until) == (run.pk, "w1", NOW + LEASE)
    assert (found[1].pk, found[1].task_name, found[1].version) == (task.pk, "renamed", 2)


def test_what_a_claim_asks_of_task_and_tenant_is_read_with_the_run(django_assert_num_queries: object) -> None:
    run = make.run(make.task(tenant=make.tenant("acme")))
    found = claim(run.trace_id, "w1", NOW)
    assert found is not None
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert found[0].tenant is not None
        assert found[1].script_content


@pytest.mark.parametrize("status", ["success", "failed", "canceled", "skipped", "missed"])
def test_a_run_that_has_ended_is_not_claimed(status: str) -> None:
    run = make.run(make.task(), status=status)
    assert claim(run.trace_id, "w1", NOW) is None
    assert state(run) == (status, "", 0)


def test_a_run_that_is_gone_is_not_claimed() -> None:
    assert claim("no such trace", "w1", NOW) is None


def test_a_run_that_may_not_begin_yet_waits_in_the_database_again() -> None:
    run = make.run(make.task(), not_before=NOW + MINUTE, published_at=NOW)
    assert claim(run.trace_id, "w1", NOW) is None
    assert state(run) == ("queued", "", 0)


def test_a_deleted_tasks_run_ends_when_it_is_claimed() -> None:
    task = make.task()
    run = make.run(task)
    ScheduledTask.objects.filter(pk=task.pk).delete()
    assert claim(run.trace_id, "w1", NOW) is None
    assert state(run) == ("canceled", "canceled", 0)
    assert "deletion" in run.error


def test_what_follows_a_claim_is_counted_and_traced_from_when_it_was_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    traced: list[tuple[Run, object, object]] = []
    monkeypatch.setattr(traces, "trace_claim", lambda *of: traced.append(of))
    sent_at = NOW + timedelta(seconds=1)
    run = make.run(make.task(), trigger=Trigger.SCHEDULE, due_at=NOW, published_at=sent_at)
    found = claim(run.trace_id, "w1", NOW + timedelta(seconds=2))
    assert found is not None
    begin(*found, NOW + timedelta(seconds=2))
    assert traced == [(run, sent_at, NOW + timedelta(seconds=2))]
    counts.flush()
    assert counts.totals()["platform_due_to_claimed_seconds", "script", "sum"] == 2


def test_a_claimed_run_that_has_waited_for_a_window_gets_it_or_says_that_there_is_none() -> None:
    for cursor in (NOW - 10 * MINUTE, NOW):
        task = make.windows_task(last_end_time=cursor)
        found = claim(make.run(task, moves_cursor=True).trace_id, "w1", NOW)
        assert found is not None
        if cursor == NOW:
            with pytest.raises(NoWindowError):
                begin(*found, NOW)
        else:
            begin(*found, NOW)
            assert (found[0].window_start, found[0].window_end) == (cursor, NOW)
