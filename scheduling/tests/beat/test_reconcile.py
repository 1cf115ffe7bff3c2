"""What a crash between two steps has left is repaired, and nothing else is touched."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.redis_client import client
from scheduling.beat import reconcile
from scheduling.beat.reconcile import UNCLAIMED_AFTER
from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW, release

pytestmark = pytest.mark.django_db
TEN = 10 * MINUTE


class TestARunThatNobodyClaims:
    def published(self, at: datetime | None, **columns: Any) -> Run:
        return make.run(make.task(), published_at=at, **columns)

    def test_is_published_again_after_its_time_and_not_before(self) -> None:
        young, old = self.published(NOW - UNCLAIMED_AFTER), self.published(NOW - UNCLAIMED_AFTER - TEN)
        assert reconcile.unpublish_unclaimed(NOW) == 1
        assert set(Run.objects.filter(published_at=None)) == {old}
        assert reconcile.unpublish_unclaimed(NOW + timedelta.resolution) == 1
        assert set(Run.objects.filter(published_at=None)) == {young, old}

    def test_is_none_where_it_runs_has_ended_or_was_never_published(self) -> None:
        for status in ("running", "success", "failed"):
            self.published(NOW - HOUR, status=status)
        self.published(None)
        assert reconcile.unpublish_unclaimed(NOW) == 0
        assert Run.objects.filter(published_at=None).count() == 1

    def test_goes_out_once_more_where_redis_has_lost_it(self) -> None:
        make.run(make.task())
        assert release(NOW) == 1
        client().flushdb()
        assert release(NOW + TEN) == 0
        assert reconcile.unpublish_unclaimed(NOW + TEN) == 1
        assert release(NOW + TEN) == 1


class TestAWindowTaskThatNothingWouldWake:
    def stranded(self, **columns: Any) -> ScheduledTask:
        task = make.windows_task(last_end_time=NOW - TEN)
        ScheduledTask.objects.filter(pk=task.pk).update(**{"next_run_at": None} | columns)
        return task

    def next_run(self, task: ScheduledTask) -> datetime | None:
        task.refresh_from_db()
        return task.next_run_at

    def test_gets_its_next_due_time(self) -> None:
        task = self.stranded()
        assert reconcile.free_stranded_windows(NOW) == 1
        assert self.next_run(task) == NOW
        assert reconcile.free_stranded_windows(NOW) == 0

    @pytest.mark.parametrize("status", ["queued", "running"])
    def test_waits_for_a_run_that_moves_its_cursor(self, status: str) -> None:
        task, free = self.stranded(), self.stranded()
        make.run(task, status=status, moves_cursor=True)
        assert reconcile.free_stranded_windows(NOW) == 1
        assert self.next_run(task) is None
        assert self.next_run(free) is not None

    @pytest.mark.parametrize(
        "columns", [{"status": "success", "moves_cursor": True}, {"status": "queued", "moves_cursor": False}]
    )
    def test_does_not_wait_for_a_run_whose_end_sets_nothing(self, columns: dict[str, Any]) -> None:
        make.run(self.stranded(), **columns)
        assert reconcile.free_stranded_windows(NOW) == 1

    @pytest.mark.parametrize(
        "columns",
        [
            {"is_enabled": False},
            {"use_windows": False},
            {"schedule_type": "cron"},
            {"interval_minutes": None},
            {"interval_minutes": 0},
        ],
        ids=str,
    )
    def test_is_no_task_that_is_off_or_hands_out_no_windows(self, columns: dict[str, Any]) -> None:
        task = self.stranded(**columns)
        assert reconcile.free_stranded_windows(NOW) == 0
        assert self.next_run(task) is None

    def test_that_is_planned_keeps_its_due_time(self) -> None:
        planned = make.windows_task(last_end_time=NOW - TEN)
        ScheduledTask.objects.filter(pk=planned.pk).update(next_run_at=NOW + HOUR)
        assert reconcile.free_stranded_windows(NOW) == 0
        assert self.next_run(planned) == NOW + HOUR
