"""A worker renews the leases of its running runs, and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.beat.reaper import reap
from scheduling.lifecycle import leases
from scheduling.lifecycle.leases import LEASE, RENEW_SECONDS
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, claimed

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=20)


def renewed() -> set[int]:
    return set(Run.objects.filter(lease_until=LATER + LEASE).values_list("pk", flat=True))


def test_all_runs_of_a_worker_are_renewed_by_one_statement(django_assert_num_queries: object) -> None:
    runs = [claimed(make.run(make.task())) for _ in range(3)]
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert leases.renew("w1", [run.pk for run in runs], LATER) == 3
    assert renewed() == {run.pk for run in runs}


def test_a_run_that_the_worker_does_not_name_any_more_is_left_to_lapse() -> None:
    kept, left = claimed(make.run(make.task())), claimed(make.run(make.task()))
    assert leases.renew("w1", [kept.pk], LATER) == 1
    assert renewed() == {kept.pk}
    assert left.lease_until == NOW + LEASE


def test_a_run_that_another_worker_has_by_now_is_not_renewed() -> None:
    run = claimed(make.run(make.task()), "w2")
    assert leases.renew("w1", [run.pk], LATER) == 0
    assert renewed() == set()


@pytest.mark.parametrize("status", ["queued", "success", "failed", "canceled"])
def test_a_run_that_is_not_running_any_more_has_no_lease_to_renew(status: str) -> None:
    run = claimed(make.run(make.task()))
    Run.objects.filter(pk=run.pk).update(status=status, lease_until=None)
    assert leases.renew("w1", [run.pk], LATER) == 0
    assert renewed() == set()


def test_a_renewed_lease_is_not_reaped_before_it_lapses() -> None:
    run = claimed(make.run(make.task()))
    leases.renew("w1", [run.pk], LATER)
    assert reap(LATER + LEASE) == 0
    assert reap(LATER + LEASE + MINUTE) == 1


def test_a_lease_outlives_two_renewals_that_fail() -> None:
    assert timedelta(seconds=2 * RENEW_SECONDS) < LEASE
