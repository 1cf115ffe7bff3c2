"""What is asked of many runs at once is done for each run by itself."""

from __future__ import annotations

import pytest

from scheduling.acts.run_batches import Batch, LeftOut, cancel_each, rerun_each
from scheduling.models import Run, RunStatus
from scheduling.tests import make
from scheduling.tests.make import NOW
from tenants.access import SYSTEM, Actor

pytestmark = pytest.mark.django_db


def runs_of(*statuses: RunStatus) -> list[Run]:
    task = make.task(overlap_policy="allow")
    return [make.run(task, status=status) for status in statuses]


def test_those_that_have_ended_are_left_out_of_a_cancel() -> None:
    waiting, ended = runs_of(RunStatus.QUEUED, RunStatus.FAILED)
    assert cancel_each([waiting, ended], SYSTEM, NOW) == Batch(1, {LeftOut.ENDED: [ended.pk]})
    waiting.refresh_from_db()
    assert waiting.status == RunStatus.CANCELED


def test_those_that_have_not_ended_are_left_out_of_a_rerun() -> None:
    waiting, ended = runs_of(RunStatus.QUEUED, RunStatus.FAILED)
    assert rerun_each([waiting, ended], SYSTEM, NOW) == Batch(1, {LeftOut.UNFINISHED: [waiting.pk]})
    assert Run.objects.filter(trigger="rerun").count() == 1


def test_nothing_is_done_for_a_run_of_a_tenant_that_one_may_only_look_at() -> None:
    [waiting] = runs_of(RunStatus.QUEUED)
    viewer = Actor("ann", 1, False, {str(waiting.tenant_id): "viewer"})
    assert cancel_each([waiting], viewer, NOW) == Batch(0, {LeftOut.NOT_ALLOWED: [waiting.pk]})
