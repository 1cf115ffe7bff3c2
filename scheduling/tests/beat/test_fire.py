from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from scheduling.beat import fire
from scheduling.beat.due_runs import DUES_AT_ONCE
from scheduling.models import Run, ScheduledTask, TaskArrears
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


def test_each_due_time_becomes_one_row_and_the_next_is_named() -> None:
    task = make.task()
    assert fire.fire(NOW + MINUTE) == 1
    assert make.states(task) == [("08:01:00", "queued")]
    task.refresh_from_db()
    assert task.next_run_at == NOW + 2 * MINUTE


def test_rows_are_written_a_little_ahead_and_wait_for_their_time() -> None:
    task = make.task()
    assert fire.fire(NOW + MINUTE - fire.AHEAD - timedelta(milliseconds=1)) == 0
    assert fire.fire(NOW + MINUTE - fire.AHEAD) == 1
    assert Run.objects.get(task=task).not_before == NOW + MINUTE


def test_firing_again_makes_no_second_run() -> None:
    task = make.task()
    fire.fire(NOW + MINUTE)
    ScheduledTask.objects.filter(pk=task.pk).update(next_run_at=NOW + MINUTE)
    fire.fire(NOW + MINUTE)
    assert make.states(task) == [("08:01:00", "queued")]


def test_the_database_refuses_a_second_row_for_a_due_time() -> None:
    task = make.task()
    make.run(task, fire_at=NOW, due_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.run(task, fire_at=NOW, due_at=NOW)


def test_after_downtime_the_latest_runs_and_earlier_ones_are_missed() -> None:
    task = make.task(misfire_grace_seconds=60, cron_expression="*/10 * * * *")
    make.tick(NOW + 35 * MINUTE)
    assert make.states(task) == [("08:10:00", "missed"), ("08:20:00", "missed"), ("08:30:00", "queued")]
    missed = Run.objects.filter(status="missed").order_by("due_at").first()
    assert missed is not None
    assert missed.error_code == "misfire"
    assert (
        missed.error == "The due time was reached at 2026-11-20 08:35:00 UTC, later than the grace of 60 s."
    )


def test_a_week_of_seconds_is_caught_up_in_steps_without_losing_one() -> None:
    task = make.task(cron_expression="* * * * * *", misfire_policy="skip", misfire_grace_seconds=0)
    seconds = 2 * DUES_AT_ONCE + 7
    make.tick(NOW + timedelta(seconds=seconds))
    assert (
        Run.objects.filter(task=task, status="missed").count() == seconds - 2
    )  # the last two are no tick late
    assert not TaskArrears.objects.exists()


def test_a_disabled_task_owes_nothing() -> None:
    make.task(is_enabled=False)
    assert fire.fire(NOW + HOUR) == 0


def test_due_times_of_a_tenant_that_is_off_are_skipped_with_the_reason() -> None:
    task = make.task(tenant=make.tenant("off", is_enabled=False))
    fire.fire(NOW + MINUTE)
    run = Run.objects.get(task=task)
    assert (run.status, run.error_code) == ("skipped", "disabled")


def test_a_wrong_schedule_stops_its_own_task_only() -> None:
    broken, fine = make.task(), make.task()
    ScheduledTask.objects.filter(pk=broken.pk).update(cron_expression="no cron")
    fire.fire(NOW + MINUTE)
    assert make.states(broken) == []
    assert make.states(fine) == [("08:01:00", "queued")]
    broken.refresh_from_db()
    assert broken.next_run_at is None


def test_the_run_keeps_what_the_task_was() -> None:
    task = make.task(input_params={"a": 1}, priority=7)
    fire.fire(NOW + MINUTE)
    run = Run.objects.get(task=task)
    assert (run.params, run.priority, run.task_version, run.task_name) == ({"a": 1}, 7, 1, "report")
    assert run.fire_at == run.due_at == NOW + MINUTE


def test_the_next_wake_is_the_earliest_row_that_waits_for_its_time() -> None:
    task = make.task()
    make.run(task, not_before=NOW + 9 * MINUTE)
    make.run(task, not_before=NOW + 5 * MINUTE)
    assert fire.next_wake(NOW) == NOW + 5 * MINUTE
