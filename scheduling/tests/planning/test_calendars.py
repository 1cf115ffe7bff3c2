"""From rows to the days a schedule is computed with."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.beat import fire
from scheduling.models import Calendar, CalendarDay, ScheduledTask
from scheduling.models.calendar import calendar_key
from scheduling.planning import calendars
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.errors import UnknownCalendarError
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW

pytestmark = pytest.mark.django_db
NATIONAL_DAY, OUTING = date(2026, 10, 1), date(2026, 3, 4)


def row(tenant_id: str | None, code: str, **columns: object) -> Calendar:
    key = calendar_key(tenant_id, code)
    return Calendar.objects.create(tenant_id=tenant_id, code=code, scope_key=key, **columns)


def official() -> Calendar:
    return Calendar.objects.get(tenant=None, code="cn_workday")


def works(code: str, day: date, tenant_id: str | None = "acme") -> bool:
    found = calendars.find(tenant_id, code)
    assert found is not None
    return found.is_workday(day)


def set_day(calendar: Calendar, day: date, is_workday: bool) -> None:
    CalendarDay.objects.create(calendar=calendar, date=day, is_workday=is_workday)


def test_the_official_calendars_are_there_from_the_beginning() -> None:
    assert {*Calendar.objects.filter(tenant=None).values_list("code", flat=True)} == {
        "cn_workday",
        "cn_holiday",
    }


def test_an_edit_of_the_official_days_holds_for_all_that_is_based_on_them() -> None:
    make.tenant()
    row("acme", "company")
    row("acme", "nights", based_on="cn_holiday")
    row("acme", "week", based_on="week")
    set_day(official(), NATIONAL_DAY, True)
    assert {
        code: works(code, NATIONAL_DAY) for code in ("cn_workday", "cn_holiday", "company", "nights")
    } == {
        "cn_workday": True,
        "cn_holiday": True,
        "company": True,
        "nights": True,
    }
    nights = calendars.find("acme", "nights")
    assert nights is not None
    assert not nights.covers(NATIONAL_DAY)


def test_a_calendars_own_day_comes_over_what_it_is_based_on() -> None:
    make.tenant()
    set_day(official(), OUTING, False)
    set_day(row("acme", "company"), OUTING, True)
    assert works("company", OUTING)
    assert not works("cn_workday", OUTING)


def test_a_calendar_of_the_week_has_its_own_weekend() -> None:
    make.tenant()
    row("acme", "friday_off", based_on="week", weekdays=[7, 1, 2, 3, 4])
    friday, sunday = date(2026, 3, 6), date(2026, 3, 8)
    assert (works("friday_off", friday), works("friday_off", sunday)) == (False, True)
    assert works("friday_off", NATIONAL_DAY)


def test_a_tenants_own_comes_before_everybodys_and_stays_its_own() -> None:
    make.tenant()
    row(None, "shop", based_on="week", weekdays=[6, 7])
    row("acme", "shop", based_on="week", weekdays=[1])
    monday, saturday = date(2026, 3, 2), date(2026, 3, 7)
    assert [works("shop", day) for day in (monday, saturday)] == [True, False]
    assert [works("shop", day, "other") for day in (monday, saturday)] == [False, True]
    assert [works("shop", day, None) for day in (monday, saturday)] == [False, True]


def test_another_tenants_calendar_does_not_exist() -> None:
    make.tenant("other")
    row("other", "theirs")
    assert calendars.find("acme", "theirs") is None
    assert calendars.find(None, "theirs") is None


def test_a_task_whose_calendar_is_gone_fires_by_no_guess() -> None:
    task, fine = make.task(), make.task()
    ScheduledTask.objects.filter(pk=task.pk).update(calendar="gone")
    task.refresh_from_db()
    with pytest.raises(UnknownCalendarError):
        schedule_of(task)
    fire.fire(NOW + MINUTE)
    assert (make.states(task), make.states(fine)) == ([], [("08:01:00", "queued")])


def test_a_herd_costs_a_beat_the_same_queries_as_one_task() -> None:
    make.tenant()
    row("acme", "company", based_on="week", weekdays=list(range(1, 8)))

    def herd(size: int) -> int:
        for n in range(size):
            make.task(calendar=("company", "cn_workday", "cn_holiday")[n % 3])
        with CaptureQueriesContext(connection) as captured:
            fire.fire(NOW + MINUTE)
        ScheduledTask.objects.all().delete()
        return sum("platform_calendar" in query["sql"] for query in captured)

    assert herd(3) == herd(60) == 2


def test_tasks_without_a_calendar_ask_for_none() -> None:
    make.task()
    with CaptureQueriesContext(connection) as captured:
        fire.fire(NOW + MINUTE)
    assert not [query for query in captured if "platform_calendar" in query["sql"]]


def test_a_preloaded_task_that_takes_another_calendar_has_its_days() -> None:
    task = make.task(calendar="cn_workday")
    calendars.preload([task])
    task.calendar = "cn_holiday"
    found = calendars.calendar_of(task)
    assert found is not None
    assert found.on_holidays


@pytest.mark.parametrize("code", ["cn_workday", "cn_holiday"])
def test_a_click_changes_a_day_and_the_next_takes_the_edit_back(code: str) -> None:
    calendar = Calendar.objects.get(code=code)
    first = calendars.toggled_day(calendar, NATIONAL_DAY)
    assert first.is_workday is True
    set_day(official(), NATIONAL_DAY, True)
    assert calendars.toggled_day(calendar, NATIONAL_DAY).is_workday is None


def test_a_year_names_its_edited_days() -> None:
    make.tenant()
    company = row("acme", "company")
    CalendarDay.objects.create(calendar=official(), date=OUTING, is_workday=False, name="by the operator")
    CalendarDay.objects.create(calendar=company, date=NATIONAL_DAY, is_workday=True, name="open")
    days = {day.date: (day.name, day.source) for day in calendars.year_of(company, 2026).days}
    assert days[OUTING] == ("by the operator", "official")
    assert days[NATIONAL_DAY] == ("open", "edited")
