"""Between two looks at all that waits, beat goes on with those that waited at the last one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import process_registry
from common.redis_client import client
from scheduling.beat.release import Release
from scheduling.execution import failed, success
from scheduling.lifecycle import fair_order
from scheduling.lifecycle.in_flight import InFlight
from scheduling.lifecycle.transitions import finish
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.make import NOW
from scheduling.worker.claim import claim

pytestmark = pytest.mark.django_db
SLOTS = 2
AHEAD = 4 * SLOTS
SOON = NOW + timedelta(milliseconds=300)


@pytest.fixture(autouse=True)
def two_slots() -> None:
    client().flushdb()
    process_registry.announce(process_registry.ProcessEntry("worker", "w", ["script"], SLOTS))


def runs(count: int, **columns: Any) -> list[Run]:
    return [make.run(make.task(overlap_policy="allow"), **columns) for _ in range(count)]


def carry_out(some: list[Run]) -> None:
    for run in some:
        found = claim(run.trace_id, "w", NOW)
        assert found
        finish(found[0], success(), NOW)


def published(run: Run) -> bool:
    run.refresh_from_db()
    return run.published_at is not None


def test_a_beat_goes_on_in_the_same_order_without_looking_at_all_again() -> None:
    waiting = runs(20)
    release = Release()
    assert release.fill(NOW) == {"script": AHEAD}
    carry_out(waiting[:AHEAD])
    with CaptureQueriesContext(connection) as asked:
        assert release.refill(SOON, {"script"}) == {"script": AHEAD}
    assert not [query for query in asked.captured_queries if "ROW_NUMBER" in query["sql"]]
    assert [run.pk for run in waiting if published(run)] == [run.pk for run in waiting[AHEAD : 2 * AHEAD]]


def test_full_queues_get_nothing() -> None:
    runs(20)
    release = Release()
    release.fill(NOW)
    assert release.refill(SOON, {"script"}) == {}


def test_who_came_since_is_seen_within_a_second() -> None:
    waiting = runs(20)
    release = Release()
    release.fill(NOW)
    urgent = runs(1, priority=10)[0]
    carry_out(waiting[:AHEAD])
    release.refill(SOON, {"script"})
    assert not published(urgent)
    carry_out(waiting[AHEAD : 2 * AHEAD])
    release.refill(NOW + fair_order.GOOD_FOR, {"script"})
    assert published(urgent)


def test_who_comes_after_all_others_have_gone_is_seen_at_once() -> None:
    first, release = runs(1), Release()
    release.fill(NOW)
    carry_out(first)
    runs(1)
    assert release.refill(SOON, {"script"}) == {"script": 1}


def test_a_line_that_was_cut_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_order, "LINE_LENGTH", 3)
    runs(20)
    assert Release().fill(NOW) == {"script": AHEAD}


def test_what_another_beat_has_sent_meanwhile_is_not_sent_again() -> None:
    waiting = runs(2 * AHEAD)
    one, other = Release(), Release()
    one.fill(NOW)
    carry_out(waiting[:AHEAD])
    other.fill(NOW)
    carry_out(waiting[AHEAD:])
    assert one.refill(SOON, {"script"}) == {}
    assert set(Run.objects.values_list("status", flat=True)) == {"success"}


def test_the_next_of_a_task_does_not_overtake_what_another_beat_has_just_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = make.task(overlap_policy="queue")
    first, second = make.run(task), make.run(task)
    take = fair_order.Line.take

    def taken_by_both(line: fair_order.Line, count: int, going: InFlight) -> list[int]:
        pks = take(line, count, going)
        Run.objects.filter(pk__in=pks).update(published_at=NOW)
        return pks

    monkeypatch.setattr(fair_order.Line, "take", taken_by_both)
    assert Release().fill(NOW) == {}
    assert published(first)
    assert not published(second)


def test_the_next_of_a_task_does_not_overtake_what_is_sent_while_the_line_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = make.task(overlap_policy="queue")
    first, second = make.run(task), make.run(task)

    def read_too_late(queue: str, now: datetime, going: InFlight) -> fair_order.Line:
        Run.objects.filter(pk=first.pk).update(published_at=NOW)
        return fair_order.Line(queue, now, going)

    monkeypatch.setattr("scheduling.beat.release.Line", read_too_late)
    assert Release().fill(NOW) == {}
    assert not published(second)


def test_the_next_of_a_task_does_not_overtake_what_another_beat_is_just_sending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its mark is not committed: nobody else sees it, and the row is passed over."""
    task = make.task(overlap_policy="queue")
    first, second = make.run(task), make.run(task)
    monkeypatch.setattr("scheduling.beat.release.locked", lambda rows: rows.exclude(pk=first.pk))
    assert Release().fill(NOW) == {}
    assert not published(second)


def test_another_attempt_is_not_skipped_by_what_was_known_before_the_first() -> None:
    before, task = runs(AHEAD), make.task(overlap_policy="skip", retry_count=1, retry_interval=0)
    run = make.run(task)
    release = Release()
    release.fill(NOW)
    Release().fill(NOW)
    found = claim(run.trace_id, "w", NOW)
    assert found
    finish(found[0], failed("script_error", "no"), NOW)
    later = make.run(task)
    assert claim(later.trace_id, "w", NOW)
    carry_out(before)
    release.refill(SOON, {"script"})
    run.refresh_from_db()
    assert (run.status, run.waits) == ("queued", True)


def test_who_waits_for_his_tasks_earlier_run_is_passed_over_and_keeps_his_place() -> None:
    before, task = runs(AHEAD), make.task(overlap_policy="queue")
    first, second = make.run(task, waits=True), make.run(task, waits=True)
    release = Release()
    release.fill(NOW)
    found = claim(first.trace_id, "w", NOW)
    assert found
    carry_out(before)
    release.refill(SOON, {"script"})
    assert not published(second)
    finish(found[0], success(), NOW)
    assert release.refill(SOON, {"script"}) == {"script": 1}
    assert published(second)


def test_a_tenants_limit_holds_from_one_look_to_the_next() -> None:
    limited = make.tenant("small", max_running=3)
    waiting = [make.run(make.task(tenant=limited)) for _ in range(6)]
    release = Release()
    assert release.fill(NOW) == {"script": 3}
    carry_out(waiting[:1])
    assert release.refill(SOON, {"script"}) == {"script": 1}
