"""What a task owes when it is edited or deleted is one row, which beat works off by the schedule as it was."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.acts import calendars, tasks
from scheduling.beat import arrears, fire, reach
from scheduling.beat.due_runs import DUES_AT_ONCE
from scheduling.models import Calendar, Run, ScheduledTask, TaskArrears
from scheduling.schedule.day_list import SetDay
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW, tick
from scheduling.worker.claim import claim
from tenants.access import SYSTEM

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
WEEK = timedelta(days=7)
LATER = NOW + 5 * MINUTE


def edit(task: ScheduledTask, now: datetime, **columns: object) -> ScheduledTask:
    def apply(row: ScheduledTask) -> None:
        for name, value in columns.items():
            setattr(row, name, value)

    return tasks.update(task.pk, apply, SYSTEM, now)


def fates(task: ScheduledTask) -> list[str]:
    return [status for _, status in make.states(task)]


def every_second(**columns: Any) -> ScheduledTask:
    return make.task(cron_expression="* * * * * *", **columns)


@pytest.mark.parametrize("outage", [MINUTE, WEEK])
def test_an_edit_writes_one_row_whatever_the_task_owes(outage: timedelta) -> None:
    task = every_second()
    with CaptureQueriesContext(connection) as captured:
        edit(task, NOW + outage, task_name="new")
    assert len(captured) < 40
    assert not Run.objects.exists()
    owed = TaskArrears.objects.get()
    assert (owed.since, owed.until) == (NOW + SECOND, NOW + outage)
    task.refresh_from_db()
    assert task.next_run_at == NOW + outage + SECOND


def test_a_delete_writes_one_row_too() -> None:
    task = every_second()
    tasks.delete(task.pk, SYSTEM, NOW + WEEK)
    assert TaskArrears.objects.get().task_id == task.pk


def test_a_punctual_edit_owes_nothing() -> None:
    edit(make.task(), NOW, task_name="new")
    assert not TaskArrears.objects.exists()


def test_an_edit_that_changes_nothing_loses_and_doubles_nothing() -> None:
    task = make.task()
    edit(task, LATER, task_name=task.task_name)
    tick(LATER)
    assert fates(task) == ["queued"] * 5


def test_beat_works_it_off_by_what_the_task_was() -> None:
    task = make.task(misfire_policy="skip", misfire_grace_seconds=150, input_params={"a": 1})
    edit(task, LATER, cron_expression="0 0 * * *", misfire_policy="fire_all", input_params={"a": 2})
    tick(LATER)
    assert fates(task) == ["missed"] * 2 + ["queued"] * 3
    assert [run.params for run in Run.objects.all()] == [{"a": 1}] * 5
    assert {run.task_version for run in Run.objects.all()} == {1}
    assert not TaskArrears.objects.exists()


def test_switched_off_it_runs_what_came_due_before() -> None:
    task = make.task()
    edit(task, LATER, is_enabled=False)
    tick(LATER + HOUR)
    assert fates(task) == ["queued"] * 5


def test_of_a_deleted_task_nothing_runs() -> None:
    task = make.task(misfire_policy="skip", misfire_grace_seconds=150)
    tasks.delete(task.pk, SYSTEM, LATER)
    tick(LATER + MINUTE)
    assert fates(task) == ["missed"] * 2 + ["canceled"] * 3
    ended = Run.objects.filter(status="canceled").first()
    assert ended is not None
    assert (ended.error_code, ended.error) == ("canceled", "Canceled by the task's deletion.")


def test_what_was_written_ahead_is_judged_with_what_was_not() -> None:
    """The latest late one runs, and it is not among those that stand there."""
    task = make.task(misfire_grace_seconds=90)
    tick(NOW + 45 * SECOND)
    edit(task, LATER, task_name="new")
    assert fates(task) == ["missed"]
    tick(LATER)
    assert fates(task) == ["missed", "missed", "queued", "queued", "queued"]


def test_in_steps_the_due_times_are_still_reached_together() -> None:
    """None is skipped for those of the step before, and the latest late one of all runs."""
    task = every_second(misfire_policy="fire_all")
    until = NOW + (2 * DUES_AT_ONCE + 9) * SECOND
    edit(task, until, task_name="new")
    tick(until)
    assert Run.objects.filter(task=task, status="queued", due_at__lte=until).count() == 2 * DUES_AT_ONCE + 9
    other = every_second(misfire_policy="fire_once", misfire_grace_seconds=0)
    edit(other, until, task_name="new")
    tick(until)
    late = 2 * DUES_AT_ONCE + 7
    assert fates(other)[: late + 2] == ["missed"] * (late - 1) + ["queued"] * 3


@pytest.mark.parametrize(("policy", "runs"), [("skip", 0), ("queue", 1), ("replace", 1209)])
def test_what_was_going_on_overlaps_with_all_steps(policy: str, runs: int) -> None:
    task = every_second(misfire_policy="fire_all", overlap_policy=policy)
    going = under_way(task)
    tick(NOW + 1209 * SECOND)
    waiting = Run.objects.filter(task=task, waits=True, status="queued", fire_at__lte=NOW + 1209 * SECOND)
    assert waiting.count() == runs
    going.refresh_from_db()
    assert (going.cancel_requested_at is not None) is (policy == "replace")


def under_way(task: ScheduledTask) -> Run:
    run = make.run(task, trigger="schedule", due_at=NOW)
    assert claim(run.trace_id, "w", NOW)
    return run


def test_due_times_that_are_all_missed_replace_nothing() -> None:
    task = make.task(
        cron_expression="0-50 * * * * *",
        misfire_policy="skip",
        misfire_grace_seconds=0,
        overlap_policy="replace",
    )
    going = under_way(task)
    tick(NOW + 20 * MINUTE + 55 * SECOND)
    assert fates(task).count("missed") == 21 * 51 - 1
    going.refresh_from_db()
    assert going.cancel_requested_at is None


def test_arrears_replace_nothing_that_was_reached_meanwhile() -> None:
    """The last step of the arrears has the due time that runs; by then a later one may have been reached."""
    task = every_second(misfire_policy="fire_once", misfire_grace_seconds=0, overlap_policy="replace")
    going = under_way(task)
    edit(task, NOW + 1209 * SECOND, cron_expression="* * * * *")
    arrears.work_off(NOW + 1209 * SECOND)
    fire.fire(NOW + 1260 * SECOND)
    reach.reach(NOW + 1260 * SECOND)
    later = Run.objects.get(due_at=NOW + 1260 * SECOND)
    assert later.waits
    while arrears.work_off(NOW + 1260 * SECOND):
        pass
    going.refresh_from_db()
    later.refresh_from_db()
    assert going.cancel_requested_at is not None
    assert (later.status, later.waits) == ("queued", True)


@pytest.mark.parametrize("policy", ["skip", "queue", "replace", "allow"])
def test_of_two_edits_while_beat_is_away_the_due_times_wait_in_one_line(policy: str) -> None:
    """Beat reaches them together, though two rows of arrears name them: none overlaps with another."""
    task = make.task(misfire_policy="fire_all", overlap_policy=policy)
    edit(task, LATER, task_name="once")
    edit(task, LATER + 5 * MINUTE, task_name="twice")
    assert TaskArrears.objects.count() == 2
    tick(LATER + 5 * MINUTE + SECOND)
    assert fates(task) == ["queued"] * 10
    begun = [run.due_at for run in Run.objects.filter(waits=True).order_by("not_before", "pk")]
    assert begun == [NOW + n * MINUTE for n in range(1, 11)]


@pytest.mark.parametrize(("policy", "second"), [("skip", ["skipped"] * 5), ("allow", ["queued"] * 5)])
def test_of_two_edits_with_beat_between_the_later_due_times_find_the_earlier_ones(
    policy: str, second: list[str]
) -> None:
    task = make.task(misfire_policy="fire_all", overlap_policy=policy)
    edit(task, LATER, task_name="once")
    assert not arrears.work_off(LATER)
    edit(task, LATER + 5 * MINUTE, task_name="twice")
    tick(LATER + 5 * MINUTE + SECOND)
    assert fates(task) == ["queued"] * 5 + second


def test_a_tick_makes_a_few_steps_and_says_that_more_are_left() -> None:
    task = every_second()
    edit(task, NOW + (3 * DUES_AT_ONCE) * SECOND, task_name="new")
    assert arrears.work_off(NOW)
    assert Run.objects.count() == arrears.STEPS_AT_ONCE * DUES_AT_ONCE
    assert not arrears.work_off(NOW)
    assert Run.objects.count() == 3 * DUES_AT_ONCE


def test_a_beat_that_finds_more_than_a_step_notes_it_and_goes_on_with_what_comes() -> None:
    task = every_second()
    now = NOW + HOUR
    fire.fire(now)
    assert TaskArrears.objects.get().until == now
    assert Run.objects.filter(task=task, due_at__gt=now).count() == Run.objects.count() == 20


def test_the_next_due_time_is_not_late_for_the_arrears() -> None:
    task = every_second(misfire_policy="skip", misfire_grace_seconds=0, overlap_policy="allow")
    fire.fire(NOW + HOUR)
    reach.reach(NOW + HOUR + SECOND)
    assert Run.objects.get(task=task, due_at=NOW + HOUR + SECOND).waits


def test_due_times_of_before_a_calendars_edit_follow_the_days_of_before() -> None:
    make.tenant()
    shop = calendars.create(
        Calendar(tenant_id="acme", code="shop", name="Shop", based_on="week", weekdays=[5]), SYSTEM
    )
    task = make.task(cron_expression="0 12 * * *", calendar="shop", overlap_policy="allow")
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    edited_at = NOW + timedelta(days=8)
    days = [SetDay(friday, False), SetDay(saturday, True)]
    calendars.set_days(shop, days, SYSTEM, edited_at)
    tick(edited_at)
    dues = [run.due_at.date() for run in Run.objects.filter(task=task).order_by("due_at") if run.due_at]
    assert dues == [friday, friday + WEEK]


def test_an_edit_leaves_the_window_under_way_alone() -> None:
    task = make.windows_task(overlap_policy="replace", last_end_time=NOW)
    tick(NOW + HOUR)
    ScheduledTask.objects.filter(pk=task.pk).update(next_run_at=NOW)
    edit(task, NOW + HOUR, task_name="new")
    assert fates(task) == ["queued"]
    assert not TaskArrears.objects.exists()


def test_a_tenant_that_is_off_has_them_skipped() -> None:
    task = make.task(tenant=make.tenant("off", is_enabled=False))
    edit(task, LATER, task_name="new")
    tick(LATER)
    assert set(fates(task)) == {"skipped"}


def test_a_schedule_that_was_wrong_is_given_up() -> None:
    task = make.task()
    ScheduledTask.objects.filter(pk=task.pk).update(cron_expression="no cron")
    edit(task, LATER, cron_expression="0 * * * *")
    tick(LATER)
    assert fates(task) == []
    assert not TaskArrears.objects.exists()
