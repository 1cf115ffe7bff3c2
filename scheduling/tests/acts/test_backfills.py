"""A backfill: which runs it makes, how many go at once, its progress and its cancel."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import translation

from common.redis_client import client
from scheduling.acts import backfills, tasks
from scheduling.beat import fire
from scheduling.execution import CANCELED, success
from scheduling.lifecycle.transitions import finish
from scheduling.models import Backfill, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.backfilling import FROM, carry_out, progress, released, started
from scheduling.tests.make import HOUR, MINUTE, NOW, claimed, release
from tenants.access import SYSTEM
from tenants.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


class TestPlan:
    def test_it_holds_the_due_times_from_the_start_up_to_the_end_which_is_not_included(self) -> None:
        planned = backfills.plan(make.task(), FROM, FROM + 3 * MINUTE, NOW)
        assert [one.due_at for one in planned] == [FROM, FROM + MINUTE, FROM + 2 * MINUTE]
        assert {one.window for one in planned} == {None}

    def test_due_times_have_the_tasks_spread_and_calendar(self) -> None:
        task = make.task(cron_expression="0 0 * * *", calendar="cn_workday", spread_seconds=100)
        first = NOW.replace(month=10, day=1, hour=0)
        days = [one.due_at.day for one in backfills.plan(task, first, first + timedelta(days=9), NOW)]
        assert days == [8, 9]

    def test_an_intervals_grid_goes_on_before_the_task_was_made(self) -> None:
        task = make.task(schedule_type="interval", interval_minutes=25)
        planned = backfills.plan(task, FROM, NOW, NOW)
        assert [NOW - one.due_at for one in planned] == [50 * MINUTE, 25 * MINUTE]

    def test_nothing_is_due_before_a_task_is_valid(self) -> None:
        task = make.task(start_at=NOW - 2 * MINUTE)
        assert [one.due_at for one in backfills.plan(task, FROM, NOW, NOW)] == [
            NOW - 2 * MINUTE,
            NOW - MINUTE,
        ]

    def test_a_windows_task_gets_the_whole_windows_that_fit_in(self) -> None:
        task = make.windows_task()
        planned = backfills.plan(task, FROM, FROM + 35 * MINUTE, NOW)
        windows = [(one.window.start, one.window.end) for one in planned if one.window]
        assert windows == [(FROM + n * 10 * MINUTE, FROM + (n + 1) * 10 * MINUTE) for n in range(3)]
        assert [one.due_at for one in planned] == [end for _, end in windows]

    def test_due_times_to_come_are_refused(self) -> None:
        with pytest.raises(backfills.BackfillRefusedError, match="future due times"):
            backfills.plan(make.task(), FROM, NOW + 2 * MINUTE, NOW)
        assert backfills.plan(make.task(), FROM, NOW + timedelta(seconds=1), NOW)

    def test_a_range_that_ends_before_it_begins_is_refused(self) -> None:
        with pytest.raises(backfills.BackfillRefusedError) as caught:
            backfills.plan(make.task(), FROM, FROM, NOW)
        assert caught.value.field == "to_at"

    @pytest.mark.parametrize("over", [0, 1])
    @pytest.mark.parametrize("make_task", [make.task, make.windows_task])
    def test_more_than_ten_thousand_runs_are_refused(self, over: int, make_task: type[ScheduledTask]) -> None:
        task = make_task(schedule_type="interval", interval_minutes=1)
        count = backfills.MAX_RUNS + over
        until = NOW - HOUR
        if over:
            with pytest.raises(backfills.BackfillRefusedError, match="10000"):
                backfills.plan(task, until - count * MINUTE, until, NOW)
        else:
            assert len(backfills.plan(task, until - count * MINUTE, until, NOW)) == count


class TestRows:
    def test_each_due_time_is_a_run_that_no_schedule_fences(self) -> None:
        task = make.task(input_params={"a": 1})
        make.run(task, due_at=FROM, fire_at=FROM, status="missed")
        of = started(task)
        runs = list(Run.objects.filter(backfill=of).order_by("pk"))
        assert [run.due_at for run in runs] == [FROM + n * MINUTE for n in range(5)]
        assert {(run.trigger, run.fire_at, run.triggered_by) for run in runs} == {
            ("backfill", None, "system")
        }
        assert {(run.waits, run.moves_cursor, run.not_before) for run in runs} == {(True, False, NOW)}
        assert runs[0].params == {"a": 1}
        assert progress(of) == ("running", 0, 0)
        assert AuditEntry.objects.filter(action="backfill", object_id=str(task.pk)).exists()

    def test_a_range_without_a_due_time_is_refused(self) -> None:
        with pytest.raises(backfills.BackfillRefusedError, match="no due time"):
            started(make.task(cron_expression="0 0 1 1 *"))
        assert not Backfill.objects.exists()

    def test_it_leaves_the_window_cursor_where_it_is(self) -> None:
        task = make.windows_task(last_end_time=NOW)
        backfills.start(task, FROM, FROM + 10 * MINUTE, 1, SYSTEM, NOW)
        carry_out(released()[0], success())
        task.refresh_from_db()
        assert (task.last_end_time, task.next_run_at) == (NOW, NOW + 10 * MINUTE)


class TestParallel:
    def test_at_most_max_parallel_are_on_their_way(self) -> None:
        of = started(make.task(overlap_policy="allow"), max_parallel=2)
        first, second = released()
        carry_out(first, success())
        third = released()[-1]
        assert [run.due_at for run in (first, second, third)] == [FROM + n * MINUTE for n in range(3)]
        assert Run.objects.filter(backfill=of, status="queued", published_at=None).count() == 2

    def test_a_task_that_allows_no_overlap_stays_one_at_a_time(self) -> None:
        started(make.task(), max_parallel=3)
        (only,) = released()
        claimed(only)
        assert released() == []

    def test_two_backfills_of_a_task_that_allows_overlap_have_their_own_limits(self) -> None:
        task = make.task(overlap_policy="allow")
        one, other = started(task), started(task, max_parallel=2)
        assert sorted(run.backfill_id or 0 for run in released()) == [one.pk, other.pk, other.pk]

    def test_others_go_first(self) -> None:
        task = make.task(overlap_policy="allow")
        started(task)
        by_hand = make.run(task, NOW)
        release(NOW)
        assert by_hand.trace_id in client().lrange("script", -1, -1)[0]

    def test_the_first_due_time_meanwhile_waits_and_goes_before_the_rest(self) -> None:
        task = make.task()
        started(task)
        going = claimed(released()[0])
        dues = []
        for minutes in range(2):
            dues.append(make.due(task, NOW + minutes * MINUTE))
            make.tick(NOW + minutes * MINUTE)
        assert released() == []
        for due in dues:
            due.refresh_from_db()
        assert [due.status for due in dues] == ["queued", "skipped"]
        finish(going, success(), NOW)
        assert released() == [dues[0]]

    def test_windows_of_a_task_that_would_allow_overlap_go_one_at_a_time(self) -> None:
        task = make.windows_task(overlap_policy="allow", last_end_time=NOW)
        backfills.start(task, FROM, NOW, 4, SYSTEM, NOW)
        assert len(released()) == 1


class TestCancel:
    def test_it_ends_what_waits_and_asks_what_runs(self) -> None:
        of = started(make.task())
        going = claimed(released()[0])
        assert backfills.cancel(of, NOW, SYSTEM)
        going.refresh_from_db()
        assert (going.status, going.cancel_requested_at) == ("running", NOW)
        assert progress(of) == ("canceled", 4, 0)
        assert set(Run.objects.filter(status="canceled").values_list("error", flat=True)) == {
            "Canceled by system."
        }
        finish(going, CANCELED, NOW)
        assert progress(of) == ("canceled", 5, 0)

    def test_one_that_has_ended_cannot_be_canceled(self) -> None:
        of = started(make.task(), count=1)
        carry_out(released()[0], success())
        assert not backfills.cancel(of, NOW, SYSTEM)
        again = started(make.task())
        assert [backfills.cancel(again, NOW, SYSTEM) for _ in range(2)] == [True, False]

    def test_other_runs_of_the_task_go_on(self) -> None:
        task = make.task()
        of, by_hand = started(task), make.run(task)
        backfills.cancel(of, NOW, SYSTEM)
        by_hand.refresh_from_db()
        assert by_hand.status == "queued"

    def test_the_tasks_deletion_ends_it(self) -> None:
        task = make.task()
        of = started(task)
        tasks.delete(task.pk, SYSTEM, NOW)
        assert progress(of) == ("canceled", 5, 0)


def test_switching_the_task_off_leaves_its_backfill() -> None:
    task = make.task()
    of = started(task)

    def off(row: ScheduledTask) -> None:
        row.is_enabled = False

    tasks.update(task.pk, off, SYSTEM, NOW)
    fire.fire(NOW + HOUR)
    assert [run.backfill_id for run in released()] == [of.pk]
