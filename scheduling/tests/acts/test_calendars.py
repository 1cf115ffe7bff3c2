"""Edits of calendars: what fires is what the days say from the edit on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.acts import calendars
from scheduling.beat import fire
from scheduling.beat.due_runs import DUES_AT_ONCE
from scheduling.models import Calendar, CalendarDay, Run, ScheduledTask
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.day_list import SetDay
from scheduling.schedule.due import next_due
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE
from tenants import rows
from tenants.access import SYSTEM
from tenants.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # a Friday
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)


def own(code: str = "shop", tenant: str | None = "acme", **columns: object) -> Calendar:
    if tenant is not None:
        make.tenant(tenant)
    defaults = {"based_on": "week", "name": "Shop"}
    return calendars.create(Calendar(tenant_id=tenant, code=code, **defaults | columns), SYSTEM)


def official() -> Calendar:
    return Calendar.objects.get(tenant=None, code="cn_workday")


def daily(**columns: object) -> ScheduledTask:
    return make.task(NOW, **{"cron_expression": "0 12 * * *", "calendar": "shop"} | columns)


def edit(calendar: Calendar, *days: tuple[date, bool | None], now: datetime = NOW) -> None:
    calendars.set_days(calendar, [SetDay(*day) for day in days], SYSTEM, now)


def next_day(task: ScheduledTask) -> date | None:
    task.refresh_from_db()
    return task.next_run_at.date() if task.next_run_at else None


def test_a_day_taken_away_moves_the_next_due_time_and_given_back_moves_it_back() -> None:
    shop, task = own(), daily()
    assert next_day(task) == FRIDAY
    edit(shop, (FRIDAY, False))
    assert next_day(task) == MONDAY
    edit(shop, (SATURDAY, True))
    assert next_day(task) == SATURDAY
    edit(shop, (FRIDAY, None), (SATURDAY, None))
    assert next_day(task) == FRIDAY
    assert not CalendarDay.objects.exists()


def test_rows_written_ahead_for_a_day_that_is_taken_away_go_and_come_back() -> None:
    shop, task = own(), daily(cron_expression="1 8 * * *")
    almost = NOW + MINUTE - fire.AHEAD
    fire.fire(almost)
    assert make.states(task) == [("08:01:00", "queued")]
    edit(shop, (FRIDAY, False), now=almost)
    assert (make.states(task), next_day(task)) == ([], MONDAY)
    edit(shop, (FRIDAY, None), now=almost)
    fire.fire(NOW + MINUTE)
    assert make.states(task) == [("08:01:00", "queued")]


def test_what_is_due_when_its_day_is_taken_away_is_not_lost() -> None:
    shop, task = own(), daily(cron_expression="*/10 8 * * *")
    edit(shop, (FRIDAY, False), now=NOW + 15 * MINUTE)
    make.tick(NOW + 15 * MINUTE)
    assert make.states(task) == [("08:10:00", "queued")]
    assert next_day(task) == MONDAY


def test_more_than_one_step_of_what_is_owed_is_not_lost() -> None:
    shop = own()
    task = daily(cron_expression="* * * * * *", misfire_policy="skip", misfire_grace_seconds=0)
    seconds = DUES_AT_ONCE + 20
    edit(shop, (FRIDAY, False), now=NOW + timedelta(seconds=seconds))
    assert not Run.objects.exists()
    make.tick(NOW + timedelta(seconds=seconds))
    assert Run.objects.filter(task=task).count() == seconds


def test_an_edit_of_the_official_days_reaches_whoever_fires_by_them() -> None:
    own("company", based_on="cn_workday")
    own("nights", "other", based_on="cn_holiday")
    tasks = {code: daily(calendar=code) for code in ("cn_workday", "company")}
    nights = daily(calendar="nights", tenant=make.tenant("other"))
    everybodys = daily(calendar="cn_holiday", tenant=None)
    assert {next_day(task) for task in tasks.values()} == {FRIDAY}
    assert {next_day(nights), next_day(everybodys)} == {SATURDAY}
    edit(official(), (FRIDAY, False))
    assert {next_day(task) for task in tasks.values()} == {MONDAY}
    assert {next_day(nights), next_day(everybodys)} == {FRIDAY}


def test_both_official_calendars_are_one_set_of_days() -> None:
    task = daily(calendar="cn_workday")
    edit(Calendar.objects.get(code="cn_holiday"), (FRIDAY, False))
    assert next_day(task) == MONDAY
    assert CalendarDay.objects.get().calendar == official()


def test_other_tenants_and_other_calendars_are_left_alone() -> None:
    shop = own()
    own("shop", "other")
    theirs = daily(tenant=make.tenant("other"))
    ahead = NOW + 4 * HOUR - fire.AHEAD
    fire.fire(ahead)
    edit(shop, (FRIDAY, False), now=ahead)
    assert make.states(theirs) == [("12:00:00", "queued")]


def test_windows_go_on_without_a_calendar() -> None:
    shop = own()
    task = make.windows_task(NOW, calendar="shop", last_end_time=NOW)
    before = task.next_run_at
    edit(shop, (FRIDAY, False))
    task.refresh_from_db()
    assert task.next_run_at == before


def test_a_day_behind_the_next_due_time_disturbs_nobody() -> None:
    shop, task = own(), daily()
    ScheduledTask.objects.filter(pk=task.pk).update(next_run_at=NOW + 5 * HOUR)  # would be planned to 12:00
    edit(shop, (date(2027, 6, 1), False))
    task.refresh_from_db()
    assert task.next_run_at == NOW + 5 * HOUR


RULES: list[dict[str, object]] = [
    {"cron_expression": "0 12 * * *"},
    {"cron_expression": "30 0 * * MON"},
    {"cron_expression": "0 23 L * *", "calendar_policy": "shift"},
    {"cron_expression": "0 0 1 * *", "timezone": "Pacific/Kiritimati"},
    {"cron_expression": "59 23 15 * *", "timezone": "Pacific/Niue", "calendar_policy": "shift"},
    {"cron_expression": "0 9 * * *", "spread_seconds": 86_400},
    {"cron_expression": "0 9 21 * *", "spread_seconds": 86_400, "calendar_policy": "shift"},
    {"schedule_type": "interval", "interval_minutes": 5000},
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-3, 45), st.sampled_from([True, False, None])), min_size=1, max_size=4))
def test_after_any_edit_every_task_is_planned_as_its_schedule_says(
    edits: list[tuple[int, bool | None]],
) -> None:
    """Only some are planned anew: the others must be as if they were."""
    with transaction.atomic():
        shop = own()
        tasks = [daily(**columns) for columns in RULES]
        for days, is_workday in edits:
            edit(shop, (FRIDAY + timedelta(days=days), is_workday))
            for task in tasks:
                task.refresh_from_db()
                assert task.next_run_at == next_due(schedule_of(task), NOW)
        transaction.set_rollback(True)


def test_a_switched_off_task_stays_without_a_due_time() -> None:
    shop, task = own(), daily(is_enabled=False)
    edit(shop, (FRIDAY, False))
    assert next_day(task) is None


def test_another_week_moves_due_times_too() -> None:
    shop, task = own(), daily()
    calendars.change(shop, {"weekdays": [6]}, SYSTEM, NOW)
    assert next_day(task) == SATURDAY
    calendars.change(shop, {"based_on": "cn_workday"}, SYSTEM, NOW)
    assert next_day(task) == FRIDAY


def test_a_calendar_with_no_day_left_leaves_no_due_time_and_gives_it_back() -> None:
    shop, task = own(), daily()
    calendars.change(shop, {"weekdays": []}, SYSTEM, NOW)
    assert next_day(task) is None
    edit(shop, (MONDAY, True))
    assert next_day(task) == MONDAY


def test_an_official_calendar_stays_what_it_is() -> None:
    for act in (
        lambda: calendars.change(official(), {"based_on": "week"}, SYSTEM, NOW),
        lambda: calendars.delete(official(), SYSTEM),
    ):
        with pytest.raises(calendars.OfficialCalendarError):
            act()


def test_a_calendar_in_use_is_kept_and_its_tasks_named() -> None:
    shop, task = own(), daily(is_enabled=False)
    own("shop", None)
    with pytest.raises(rows.RowInUseError) as error:
        calendars.delete(shop, SYSTEM)
    assert error.value.names == [task.task_name]
    calendars.delete(Calendar.objects.get(tenant=None, code="shop"), SYSTEM)
    ScheduledTask.objects.all().delete()
    calendars.delete(shop, SYSTEM)
    assert not Calendar.objects.filter(code="shop").exists()


def test_a_code_is_taken_once_in_a_tenant_and_by_everybodys_for_all() -> None:
    own()
    own("shop", "other")
    for code, tenant in (("shop", "acme"), ("cn_workday", "acme"), ("cn_workday", None)):
        with pytest.raises(rows.AlreadyTakenError):
            own(code, tenant)


def test_each_edit_is_one_audit_row_and_no_edit_none() -> None:
    shop = own()
    AuditEntry.objects.all().delete()
    edit(shop, (FRIDAY, False), (SATURDAY, True))
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_type) == ("set_days", "calendar")
    assert entry.changes == {"2026-11-20": ["", "off"], "2026-11-21": ["", "workday"]}
    edit(shop, (FRIDAY, False))
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("code", ["cn_workday", "cn_holiday"])
def test_the_official_years_are_confirmed_together_and_taken_back(code: str) -> None:
    calendar = Calendar.objects.get(code=code)
    for _ in range(2):
        calendars.confirm(calendar, 2027, True, SYSTEM)
    assert official().confirmed_years == [2027]
    assert AuditEntry.objects.filter(action="confirm").count() == 1
    calendars.confirm(calendar, 2027, False, SYSTEM)
    assert official().confirmed_years == []


@pytest.mark.django_db(transaction=True)
def test_an_edit_waits_for_a_beat_that_is_naming_due_times_by_the_old_days() -> None:
    shop, task = own(), daily(cron_expression="0 9,10 * * *")
    nine, in_hand, edited = NOW + HOUR, threading.Event(), threading.Event()

    def beat() -> None:
        try:
            with transaction.atomic():
                fire.fire(nine, ahead=timedelta(0))
                in_hand.set()
                edited.wait(0.3)  # an edit that doesn't wait would be written over by the commit
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        beating = other.submit(beat)
        in_hand.wait()
        edit(shop, (FRIDAY, False), now=nine)
        edited.set()
        beating.result()
    assert make.states(task) == [("09:00:00", "queued")]
    assert next_day(task) == MONDAY
