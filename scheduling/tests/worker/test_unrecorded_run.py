"""A run that has no row keeps in memory what an attempt tells it, and knows the rows of others."""

import pytest
from django.db import connection
from django.utils import timezone

from scheduling.models import Run
from scheduling.tests import make
from scheduling.worker.unrecorded_run import UnrecordedRun

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_ids_of_its_call_are_kept_for_a_stop() -> None:
    run, other = UnrecordedRun(), UnrecordedRun()
    run.keep("run-1", "task-1")
    assert (run.kept, other.kept) == (("run-1", "task-1"), ("", ""))


def test_ids_that_runs_with_a_row_have_are_claimed_elsewhere() -> None:
    make.run(make.task(), external_id="taken")
    assert UnrecordedRun().claimed_elsewhere(["taken", "free"]) == {"taken"}
    assert connection.connection is None, "it would be held for as long as the call takes"


def test_nothing_of_an_earlier_attempt_is_known_and_nothing_is_left_for_a_later_one() -> None:
    run = UnrecordedRun()
    before = timezone.now()
    assert before <= run.calling() <= timezone.now()
    run.extend(60)
    run.draw(lambda: 1 / 0)
    assert (run.unstarted, run.called_at, run.earlier_error, run.released) == (0, None, "", False)
    assert not Run.objects.exists()
