"""What a task owes by its old schedule is kept when the schedule changes; what was written ahead is not."""

import pytest

from scheduling.acts import replanning
from scheduling.beat import fire
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, change

pytestmark = pytest.mark.django_db


def test_an_edit_at_due_time_loses_no_due_time() -> None:
    task = make.task()
    change(task, NOW + MINUTE, cron_expression="0 0 * * *")
    make.tick(NOW + MINUTE)
    assert make.states(task) == [("08:01:00", "queued")]


def test_a_change_takes_back_what_was_written_ahead_of_its_time() -> None:
    task = make.task()
    almost = NOW + MINUTE - fire.AHEAD
    fire.fire(almost)
    change(task, almost, is_enabled=False)
    assert make.states(task) == []
    change(task, almost, is_enabled=True, priority=9)
    fire.fire(NOW + MINUTE)
    assert make.states(task) == [("08:01:00", "queued")]
    assert Run.objects.get(task=task).priority == 9


def test_only_future_due_times_that_nobody_has_begun_are_taken_back() -> None:
    task, other = make.task(), make.task(task_name="other")
    make.due(task, NOW)
    sent, ahead, of_other = (make.due(of, NOW + n * MINUTE) for of, n in ((task, 1), (task, 2), (other, 1)))
    Run.objects.filter(pk=sent.pk).update(published_at=NOW)
    by_hand = make.run(task, NOW + MINUTE)
    replanning.drop_rows_ahead([task.pk], NOW)
    assert not Run.objects.filter(pk=ahead.pk).exists()
    assert set(Run.objects.values_list("pk", flat=True)) >= {sent.pk, of_other.pk, by_hand.pk}
    assert Run.objects.count() == 4


def test_a_window_that_is_due_is_handed_out_by_the_old_schedule() -> None:
    task = make.windows_task()
    change(task, NOW + 10 * MINUTE, interval_minutes=60)
    assert task.runs.values_list("window_start", "window_end").get() == (NOW, NOW + 10 * MINUTE)
