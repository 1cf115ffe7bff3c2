"""The database goes away in the middle of an attempt: its run is lost by this worker, not failed by the task."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.utils import timezone

from scheduling.execution import Outcome, RunContext, success
from scheduling.models import Run
from scheduling.tests import make
from scheduling.worker import attempt as attempts

pytestmark = pytest.mark.django_db(transaction=True)


class CutOff:
    """An executor whose database is away in its first `attempts`."""

    def __init__(self, attempts: int) -> None:
        self.left = attempts

    def execute(self, context: RunContext) -> Outcome:
        if self.left:
            self.left -= 1
            raise OperationalError(2013, "Lost connection to server")
        return success()


def attempted(executor: CutOff, monkeypatch: pytest.MonkeyPatch) -> Run:
    """After two attempts of a task that has no retries."""
    monkeypatch.setattr(attempts, "executor_of", lambda *_: executor)
    now = timezone.now()
    run = make.run(make.task(now, execution_type="webhook", cron_expression="0 0 1 1 *"), now)
    for _ in range(2):
        attempts.attempt(run.trace_id)
    run.refresh_from_db()
    return run


def test_it_is_attempted_again_though_the_task_has_no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    run = attempted(CutOff(1), monkeypatch)
    assert (run.status, run.attempt, run.lost_count) == ("success", 2, 1)


def test_a_second_time_it_ends_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    run = attempted(CutOff(2), monkeypatch)
    assert (run.status, run.error_code, run.lost_count) == ("failed", "worker_lost", 2)
