"""A backfill's row while its runs begin and end: its limit holds, and it counts."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from scheduling.execution import failed, success
from scheduling.lifecycle import backfill_progress, transitions
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.backfilling import carry_out, progress, released, started
from scheduling.tests.make import NOW
from scheduling.worker.claim import claim

pytestmark = pytest.mark.django_db


def test_a_message_too_many_starts_no_run_too_many() -> None:
    of = started(make.task(overlap_policy="allow"), max_parallel=2)
    runs = list(Run.objects.filter(backfill=of).order_by("pk"))
    Run.objects.filter(backfill=of).update(published_at=NOW)
    assert [bool(claim(run.trace_id, "w", NOW)) for run in runs[:3]] == [True, True, False]
    runs[2].refresh_from_db()
    assert (runs[2].status, runs[2].published_at) == ("queued", None)


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_once_start_no_run_too_many() -> None:
    of = started(make.task(overlap_policy="allow"), count=8, max_parallel=3)
    together = threading.Barrier(8)

    def work(run: Run) -> bool:
        together.wait()
        try:
            return claim(run.trace_id, f"w{run.pk}", NOW) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        claims = list(workers.map(work, Run.objects.filter(backfill=of)))
    assert sum(claims) == Run.objects.filter(status="running").count() == 3


def test_it_counts_what_has_ended() -> None:
    of = started(make.task(), count=2)
    carry_out(released()[0], failed("http_status", "no"))
    assert progress(of) == ("running", 1, 1)
    carry_out(released()[0], success())
    assert progress(of) == ("done", 2, 1)


def test_an_attempt_with_more_to_come_is_no_end() -> None:
    of = started(make.task(retry_count=1))
    carry_out(released()[0], failed("http_status", "no"))
    assert progress(of) == ("running", 0, 0)


def test_a_run_canceled_by_hand_has_ended() -> None:
    of = started(make.task())
    run = Run.objects.filter(backfill=of).first()
    assert run is not None
    assert transitions.cancel(run, NOW, "ann")
    assert progress(of) == ("running", 1, 0)


def test_a_run_of_no_backfill_has_room_and_asks_the_database_for_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    run = make.run(make.task())
    with django_assert_num_queries(0):
        assert backfill_progress.has_room(run)
