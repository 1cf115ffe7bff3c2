"""What is counted of runs: each end once and when it is committed, by the labels that /metrics knows beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from common import metrics as counts
from scheduling.lifecycle import metrics
from scheduling.lifecycle.error_codes import RETRYABLE
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.make import NOW

pytestmark = pytest.mark.django_db(transaction=True)
RUNS, SECONDS = "platform_runs", "platform_run_seconds"
LATENESS = "platform_due_to_claimed_seconds"


def run(status: str = "success", code: str = "", **columns: Any) -> Run:
    return make.run(make.task(), status=status, error_code=code, **columns)


def totals(name: str) -> dict[tuple[str, ...], float]:
    counts.flush()
    return {field[1:]: amount for field, amount in counts.totals().items() if field[0] == name}


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_an_end_is_counted_by_status_kind_and_reason() -> None:
    metrics.count_ends([run(), run(), run("failed", "timeout")])
    assert totals(RUNS) == {("success", "script", ""): 2, ("failed", "script", "timeout"): 1}


def test_a_run_that_waits_for_another_attempt_has_not_ended() -> None:
    metrics.count_ends([run("queued", "timeout")])
    assert totals(RUNS) == {}


def test_how_long_it_took_is_counted_where_it_is_known() -> None:
    metrics.count_ends([run(duration_ms=1500), run("skipped", "overlap", duration_ms=None)])
    assert totals(SECONDS) == {("script", "5"): 1, ("script", "sum"): 1.5}


def test_an_end_that_is_rolled_back_is_not_counted() -> None:
    one = run()
    with rolled_back():
        metrics.count_ends([one])
        metrics.count_loss(one)
    assert totals(RUNS) == totals("platform_attempts_lost") == {}


def test_a_run_is_counted_as_what_it_is_when_the_transaction_ends_it() -> None:
    """The rows of an UPDATE are read when it is committed."""
    one, other = run("queued"), run("queued")
    with transaction.atomic():
        Run.objects.filter(pk=one.pk).update(status="canceled", error_code="canceled")
        metrics.count_unread_ends(pk__in=[one.pk, other.pk], status="canceled")
        assert totals(RUNS) == {}
    assert totals(RUNS) == {("canceled", "script", "canceled"): 1}


def test_a_lost_attempt_is_counted_by_its_kind() -> None:
    metrics.count_loss(run("running"))
    assert totals("platform_attempts_lost") == {("script",): 1}


def test_how_late_a_due_time_began_is_counted_at_its_first_attempt() -> None:
    scheduled = {"trigger": "schedule", "due_at": NOW}
    metrics.count_claim(run("running", attempt=1, **scheduled), NOW + timedelta(seconds=2))
    metrics.count_claim(run("running", attempt=2, **scheduled), NOW + timedelta(hours=1))
    metrics.count_claim(run("running", attempt=1, trigger="manual", due_at=NOW), NOW)
    metrics.count_claim(run("running", attempt=1, trigger="schedule", due_at=None), NOW)
    assert totals(LATENESS) == {("script", "2.5"): 1, ("script", "sum"): 2}


def test_a_clock_that_is_behind_beats_makes_no_negative_lateness() -> None:
    early = run("running", attempt=1, trigger="schedule", due_at=NOW + timedelta(seconds=1))
    metrics.count_claim(early, NOW)
    assert totals(LATENESS)["script", "sum"] == 0


def test_every_end_there_is_stands_at_nought_before_it_happens() -> None:
    """Prometheus sees no rise where a count begins with its first event."""
    known = set(metrics.RUNS.known)
    assert {reason for _, _, reason in known} == {"", *RETRYABLE}
    assert {
        ("success", "dify", ""),
        ("failed", "webhook", "timeout"),
        ("missed", "script", "misfire"),
    } <= known
    assert ("failed", "script", "overlap") not in known
