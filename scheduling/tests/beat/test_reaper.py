"""What becomes of runs whose worker is lost: the lease lapses, and the reaper takes them back."""

from datetime import timedelta

import pytest

from scheduling.beat import reaper
from scheduling.lifecycle import leases, transitions
from scheduling.lifecycle.leases import LEASE
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, claimed, state
from scheduling.worker.claim import claim

pytestmark = pytest.mark.django_db


def looks(one: reaper.Reaper, *monotonic: float) -> int:
    """A minute after the claim; how many runs it has taken back."""
    return sum(one.reap(NOW + MINUTE, at) for at in monotonic)


def test_a_lapsed_lease_gives_the_run_back_once() -> None:
    run = claimed(make.run(make.task()))
    later = NOW + LEASE + timedelta(seconds=1)
    assert reaper.reap(later) == 1
    assert state(run) == ("queued", "worker_lost", 1)
    again = claim(run.trace_id, "w2", later)
    assert again is not None
    assert reaper.reap(later + LEASE + timedelta(seconds=1)) == 1
    assert state(run) == ("failed", "worker_lost", 2)


def test_a_lost_worker_comes_on_top_of_the_retries() -> None:
    run = claimed(make.run(make.task(retry_count=1, retry_interval=0)))
    at = NOW
    for _ in range(2):
        at += LEASE + timedelta(seconds=1)
        reaper.reap(at)
        assert claim(run.trace_id, "w1", at) is not None
    assert state(run) == ("running", "worker_lost", 3)


def test_a_task_may_refuse_to_be_started_again() -> None:
    run = claimed(make.run(make.task(retry_on_worker_lost=False)))
    reaper.reap(NOW + MINUTE)
    assert state(run) == ("failed", "worker_lost", 1)


def test_a_renewed_lease_is_not_reaped() -> None:
    run = claimed(make.run(make.task()))
    leases.renew("w1", [run.pk], NOW + timedelta(seconds=20))
    assert reaper.reap(NOW + timedelta(seconds=40)) == 0


def test_after_an_outage_workers_get_a_lease_length_to_come_back() -> None:
    claimed(make.run(make.task()))
    one = reaper.Reaper()
    assert looks(one, 100, 105, 110, 115, 120, 125, 129) == 0
    one.database_failed()
    assert looks(one, 131, 136, 141, 146, 151, 156) == 0
    assert looks(one, 161) == 1


def test_a_database_that_was_frozen_and_raised_no_error_counts_as_an_outage() -> None:
    claimed(make.run(make.task()))
    one = reaper.Reaper()
    assert looks(one, 100, 105, 110, 115, 120, 125, 145) == 0
    assert looks(one, 150, 155, 160, 165, 170) == 0
    assert looks(one, 175) == 1


def test_a_run_that_was_to_be_canceled_is_not_started_again() -> None:
    run = claimed(make.run(make.task()))
    transitions.cancel(run, NOW, "ann")
    reaper.reap(NOW + MINUTE)
    assert state(run) == ("canceled", "canceled", 1)
