"""Runs of another system: they are imported once, and their outcome may follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from scheduling.acts import imported_runs
from scheduling.acts.imported_runs import MAX_MS, UNENDED_ERROR, ImportedRun
from scheduling.beat.daily_counts import recount
from scheduling.models import Run, RunDay, RunStatus
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DONE = ImportedRun("old-1", RunStatus.SUCCESS, NOW, NOW + MINUTE, retry_count=2, output="hello")
UNENDED = ImportedRun("old-2", None, NOW, error="running")


def test_a_run_stands_as_it_ended_there_and_is_not_fenced() -> None:
    task = make.task()
    assert imported_runs.add(task, [DONE], "the old one") == 1
    run = Run.objects.get()
    assert (run.status, run.triggered_by, run.output) == ("success", "the old one", "hello")
    assert (run.attempt, run.retry_count, run.duration_ms) == (3, 2, 60_000)
    assert (run.fire_at, run.created_at, run.finished_at) == (None, NOW, NOW + MINUTE)


def test_beat_counts_its_day_anew() -> None:
    later = NOW + 3 * DAY
    recount(later)
    imported_runs.add(make.task(tenant=None), [DONE], "")
    recount(later)
    assert RunDay.objects.get(date=timezone.localtime(NOW).date(), tenant="").success == 1


def test_it_is_imported_once_even_when_it_reads_otherwise_later() -> None:
    task = make.task()
    imported_runs.add(task, [DONE], "")
    assert imported_runs.add(task, [DONE, replace(DONE, output="other")], "") == 0
    assert Run.objects.get().output == "hello"


def test_one_that_had_not_ended_is_failed_until_its_outcome_is_known() -> None:
    task = make.task()
    imported_runs.add(task, [UNENDED], "")
    run = Run.objects.get()
    assert (run.status, run.error) == ("failed", f"{UNENDED_ERROR} running")
    assert imported_runs.add(task, [UNENDED], "") == 0
    ended = replace(UNENDED, status=RunStatus.SUCCESS, finished_at=NOW + HOUR, error="", result={"n": 1})
    assert imported_runs.add(task, [ended], "") == 1
    run.refresh_from_db()
    assert (run.status, run.error, run.result, run.duration_ms) == ("success", "", {"n": 1}, 3_600_000)
    assert imported_runs.add(task, [ended], "") == 0


@pytest.mark.parametrize(
    ("took", "stored"), [(-MINUTE, 0), (timedelta(milliseconds=1.9), 1), (timedelta(days=30), MAX_MS)]
)
def test_a_duration_fits_into_its_column(took: timedelta, stored: int) -> None:
    imported_runs.add(make.task(), [replace(DONE, finished_at=NOW + took)], "")
    assert Run.objects.get().duration_ms == stored
