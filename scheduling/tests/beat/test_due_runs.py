"""Due times become unsaved runs, and rows where there are none yet; each ended one is counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from scheduling.beat.due_runs import DUES_AT_ONCE, dues_of, insert_new, runs_of
from scheduling.lifecycle import metrics
from scheduling.models import Run, ScheduledTask
from scheduling.schedule.errors import ScheduleError
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


def minutes(*numbers: int) -> list[datetime]:
    return [NOW + number * MINUTE for number in numbers]


def insert(task: ScheduledTask, *numbers: int, is_off: bool = False) -> None:
    insert_new(runs_of(task, minutes(*numbers), NOW, is_off=is_off))


class TestDueTimes:
    def test_begin_with_the_next_one_and_go_up_to_the_end_which_is_included(self) -> None:
        task = make.task()
        assert dues_of(task, NOW + 3 * MINUTE) == (minutes(1, 2, 3), NOW + 4 * MINUTE)
        assert dues_of(task, NOW + 4 * MINUTE - timedelta.resolution)[0] == minutes(1, 2, 3)

    def test_where_none_is_due_yet_the_one_that_follows_is_named(self) -> None:
        assert dues_of(make.task(), NOW) == ([], NOW + MINUTE)

    def test_after_the_last_one_none_follows(self) -> None:
        task = make.task(end_at=NOW + 2 * MINUTE)
        assert dues_of(task, NOW + HOUR) == (minutes(1, 2), None)

    def test_come_in_steps_and_the_next_step_begins_where_the_last_one_ended(self) -> None:
        task = make.task(cron_expression="* * * * * *")
        dues, following = dues_of(task, NOW + HOUR)
        assert len(dues) == DUES_AT_ONCE
        assert following == dues[-1] + timedelta(seconds=1)
        task.next_run_at = following
        assert dues_of(task, NOW + HOUR)[0][0] == following

    def test_a_schedule_that_can_not_be_read_has_none(self) -> None:
        task = make.task()
        task.cron_expression = "no cron"
        with pytest.raises(ScheduleError):
            dues_of(task, NOW + HOUR)


class TestRuns:
    def test_each_is_due_and_fenced_at_its_time_and_is_not_saved(self) -> None:
        runs = runs_of(make.task(), minutes(1, 2), NOW + HOUR, is_off=False)
        assert [(run.due_at, run.fire_at, run.not_before) for run in runs] == [
            (at, at, at) for at in minutes(1, 2)
        ]
        assert {(run.status, run.trigger, run.finished_at) for run in runs} == {("queued", "schedule", None)}
        assert not Run.objects.exists()

    def test_of_a_tenant_that_is_off_they_have_ended_with_the_reason(self) -> None:
        [run] = runs_of(make.task(), minutes(1), NOW + HOUR, is_off=True)
        assert (run.status, run.error_code, run.finished_at) == ("skipped", "disabled", NOW + HOUR)
        assert run.error == "The tenant was disabled."
        assert run.fire_at == NOW + MINUTE


class TestRows:
    def test_only_due_times_without_a_row_get_one(self) -> None:
        task = make.task()
        insert(task, 1, 2)
        insert(task, 1, 2, 3)
        assert make.states(task) == [("08:01:00", "queued"), ("08:02:00", "queued"), ("08:03:00", "queued")]

    def test_the_row_of_another_task_is_none_of_this_ones(self) -> None:
        one, other = make.task(), make.task()
        insert_new(
            [*runs_of(one, minutes(1), NOW, is_off=False), *runs_of(other, minutes(2), NOW, is_off=False)]
        )
        insert_new(
            [*runs_of(one, minutes(2), NOW, is_off=False), *runs_of(other, minutes(1), NOW, is_off=False)]
        )
        for task in (one, other):
            assert make.states(task) == [("08:01:00", "queued"), ("08:02:00", "queued")]

    def test_a_run_without_a_fence_is_always_written(self) -> None:
        task = make.task()
        for _ in range(2):
            [run] = runs_of(task, minutes(1), NOW, is_off=False)
            run.fire_at = None
            insert_new([run])
        assert Run.objects.count() == 2

    def test_nothing_to_write_asks_the_database_nothing(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            insert_new([])

    def test_what_has_ended_by_being_written_is_counted_and_nothing_twice(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counted: list[datetime | None] = []
        monkeypatch.setattr(metrics, "count_ends", lambda runs: counted.extend(run.due_at for run in runs))
        task = make.task()
        insert(task, 1, is_off=True)
        insert(task, 1, 2, is_off=True)
        assert counted == minutes(1, 2)
