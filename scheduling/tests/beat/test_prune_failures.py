from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.beat.prune_failures import prune_failures
from scheduling.execution import failed
from scheduling.lifecycle import transitions
from scheduling.models import FailureGroup
from scheduling.tests import make
from scheduling.tests.make import NOW, claimed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_what_has_not_failed_for_long_is_forgotten() -> None:
    for days in (91, 89):
        transitions.finish(claimed(make.run(make.task())), failed("timeout", "Too late."), NOW - days * DAY)
    prune_failures(NOW, 90)
    assert FailureGroup.objects.get().last_at == NOW - 89 * DAY


def test_counts_of_days_that_no_page_shows_are_dropped() -> None:
    task = make.task()
    for days in (14, 13, 0):
        transitions.finish(claimed(make.run(task)), failed("timeout", "Too late."), NOW - days * DAY)
    prune_failures(NOW, 90)
    group = FailureGroup.objects.get()
    assert {day: int(count) for day, count in group.days.items()} == {"2026-11-07": 1, "2026-11-20": 1}
    assert group.run_count == 3
