"""Calendars in the documents of export_tasks and import_tasks: what a task fires by goes with it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from platform_site.importing.document import Document, as_yaml, read_document
from platform_site.importing.keys import rows_by_key
from platform_site.importing.plan import carry_out, plan
from platform_site.importing.step import DocumentRefusedError, Step
from platform_site.importing.words import plan_lines
from scheduling.acts import calendars as calendar_acts
from scheduling.acts import tasks as task_acts
from scheduling.models import Calendar, CalendarDay, ScheduledTask
from scheduling.planning.schedules import next_run
from scheduling.schedule.day_list import SetDay
from scheduling.tests import make
from tenants.access import SYSTEM

pytestmark = pytest.mark.django_db

OUTING = {"date": "2026-10-09", "is_workday": False, "name": "Outing"}


def calendar(code: str, *days: SetDay, tenant: str | None = "acme", **columns: Any) -> Calendar:
    make.tenant()
    row = calendar_acts.create(Calendar(tenant_id=tenant, code=code, **columns), SYSTEM)
    calendar_acts.set_days(row, days, SYSTEM, make.NOW)
    return row


def entry(**columns: Any) -> dict[str, Any]:
    return {"tenant_id": "acme", "code": "shop", "based_on": "week", "days": [OUTING]} | columns


def task(**columns: Any) -> dict[str, Any]:
    return {
        "tenant_id": "acme",
        "task_name": "new",
        "time_points": ["08:00"],
        "script_content": "result = 1",
        "calendar": "shop",
    } | columns


def exported() -> str:
    return as_yaml(rows_by_key(ScheduledTask.objects.order_by("pk")))


def planned(*calendars: dict[str, Any], tasks: tuple[dict[str, Any], ...] = ()) -> list[Step]:
    return plan(Document(tasks, calendars), {}, make.NOW)


def due() -> datetime | None:
    """When the only task fires next, as its calendar stands now."""
    return next_run(ScheduledTask.objects.get(), make.NOW)


def stored_days() -> list[tuple[str, date, bool, str]]:
    rows = CalendarDay.objects.order_by("calendar__scope_key", "date")
    return list(rows.values_list("calendar__scope_key", "date", "is_workday", "name"))


def edit_official(*days: SetDay) -> Calendar:
    row = Calendar.objects.get(tenant=None, code="cn_workday")
    calendar_acts.set_days(row, days, SYSTEM, make.NOW)
    return row


def with_calendars() -> None:
    days = (SetDay(date(2026, 10, 9), False, "Outing"), SetDay(date(2026, 10, 11), True))
    row = calendar("shop", *days, based_on="week", weekdays=[1, 2, 3, 4, 5, 6], name="Shop")
    calendar_acts.confirm(row, 2027, True, SYSTEM)
    calendar("everybodys", SetDay(date(2026, 12, 24), False), tenant=None)
    calendar("unused")
    edit_official(SetDay(date(2026, 12, 25), False, "Closed"))
    make.task(task_name="own", calendar="shop")
    make.task(task_name="common", calendar="everybodys")
    make.task(task_name="official", calendar="cn_workday")


class TestRoundTrip:
    def test_an_import_of_an_export_changes_nothing(self) -> None:
        with_calendars()
        before, text = stored_days(), exported()
        steps = plan(read_document(text), {}, make.NOW)
        assert [step.act for step in steps] == ["keep"] * 6
        carry_out(steps, make.NOW)
        assert (stored_days(), exported()) == (before, text)

    def test_what_was_deleted_is_made_again_the_same(self) -> None:
        with_calendars()
        before, text = stored_days(), exported()
        for row in ScheduledTask.objects.all():
            task_acts.delete(row.pk, SYSTEM, make.NOW)
        for code in ("shop", "everybodys"):
            calendar_acts.delete(Calendar.objects.get(code=code), SYSTEM)
        edit_official(SetDay(date(2026, 12, 25), None))
        carry_out(plan(read_document(text), {}, make.NOW), make.NOW)
        assert (stored_days(), exported()) == (before, text)

    def test_only_what_the_tasks_fire_by_is_written(self) -> None:
        with_calendars()
        named = [(found["tenant_id"], found["code"]) for found in read_document(exported()).calendars]
        assert named == [(None, "cn_workday"), (None, "everybodys"), ("acme", "shop")]

    def test_of_two_with_one_code_the_tenants_own_is_written(self) -> None:
        calendar("shop")
        calendar("shop", tenant=None)
        make.task(calendar="shop")
        assert [found["tenant_id"] for found in read_document(exported()).calendars] == ["acme"]

    def test_tasks_without_calendars_make_no_list_of_them(self) -> None:
        make.task()
        assert "calendars" not in exported()


class TestOfficialDays:
    """One set of days, which both official calendars, and those based on them, are seen from."""

    @pytest.mark.parametrize("code", ["cn_workday", "cn_holiday", "shop"])
    def test_what_is_edited_goes_with_every_task_that_fires_by_it(self, code: str) -> None:
        calendar("shop", based_on="cn_holiday")
        calendar_acts.confirm(edit_official(SetDay(date(2026, 12, 25), False)), 2027, True, SYSTEM)
        make.task(calendar=code)
        assert read_document(exported()).calendars[0] == {
            "tenant_id": None,
            "code": "cn_workday",
            "confirmed_years": [2027],
            "days": [{"date": "2026-12-25", "is_workday": False}],
        }

    def test_a_task_of_the_days_of_the_week_needs_none_of_it(self) -> None:
        calendar("shop", based_on="week")
        edit_official(SetDay(date(2026, 12, 25), False))
        make.task(calendar="shop")
        assert [found["code"] for found in read_document(exported()).calendars] == ["shop"]

    def test_where_nothing_is_edited_nothing_is_written(self) -> None:
        make.task(calendar="cn_workday")
        assert "calendars" not in exported()

    @pytest.mark.parametrize("code", ["cn_workday", "cn_holiday"])
    def test_a_moved_task_fires_on_the_same_days(self, code: str) -> None:
        make.task(calendar=code)
        unedited = due()
        edit_official(*(SetDay(make.NOW.date() + timedelta(days=n), code == "cn_holiday") for n in range(10)))
        edited, text = due(), exported()
        assert edited != unedited
        CalendarDay.objects.all().delete()
        ScheduledTask.objects.all().delete()
        carry_out(plan(read_document(text), {}, make.NOW), make.NOW)
        assert due() == edited

    def test_a_document_that_names_it_names_all_its_days(self) -> None:
        edit_official(SetDay(date(2026, 12, 24), False), SetDay(date(2026, 12, 25), False))
        steps = planned({"code": "cn_workday", "days": [{"date": "2026-12-25", "is_workday": False}]})
        assert [step.fields for step in steps] == [{"days.2026-12-24": ["off", None]}]
        carry_out(steps, make.NOW)
        assert stored_days() == [(":cn_workday", date(2026, 12, 25), False, "")]

    def test_the_days_off_are_named_where_they_are_kept(self) -> None:
        with pytest.raises(
            DocumentRefusedError, match="calendar /cn_holiday: its days are those of cn_workday"
        ):
            planned({"code": "cn_holiday", "days": [OUTING]})


class TestPlan:
    def test_a_task_may_fire_by_a_calendar_of_the_same_document(self) -> None:
        make.tenant()
        steps = planned(entry(), tasks=(task(),))
        assert [step.act for step in steps] == ["create", "create"]
        assert not Calendar.objects.filter(code="shop").exists()
        carry_out(steps, make.NOW)
        assert ScheduledTask.objects.get().next_run_at is not None

    def test_a_difference_is_shown_day_by_day(self) -> None:
        calendar("shop", SetDay(date(2026, 10, 10), True), based_on="week")
        steps = planned(entry(name="Shop"))
        assert list(plan_lines(steps))[:-1] == [
            "~ calendar acme/shop",
            '    name: "" -> "Shop"',
            '    days.2026-10-09: null -> "off Outing"',
            '    days.2026-10-10: "workday" -> null',
        ]
        carry_out(steps, make.NOW)
        assert stored_days() == [("acme:shop", date(2026, 10, 9), False, "Outing")]

    def test_tasks_that_fire_by_it_are_planned_anew(self) -> None:
        calendar("shop", based_on="week")
        carry_out(planned(tasks=(task(),)), make.NOW)
        first = ScheduledTask.objects.get().next_run_at
        assert first is not None
        free = {"date": first.date().isoformat(), "is_workday": False}
        carry_out(planned(entry(days=[free])), make.NOW)
        again = ScheduledTask.objects.get().next_run_at
        assert again is not None
        assert again > first

    def test_a_calendar_changed_after_the_plan_was_made_is_not_overwritten(self) -> None:
        row = calendar("shop", based_on="week")
        steps = planned(entry())
        calendar_acts.set_days(row, [SetDay(date(2026, 5, 5), False)], SYSTEM, make.NOW)
        with pytest.raises(DocumentRefusedError, match="in the meantime"):
            carry_out(steps, make.NOW)

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            ({"based_on": "moon"}, "acme/shop: based_on"),
            ({"days": [{"date": "2026-02-30", "is_workday": True}]}, "days.0.date"),
            ({"tenant_id": "nobody"}, "the tenant “nobody” does not exist"),
            ({"code": "cn_workday", "tenant_id": None}, "official calendar can't be changed"),
            ({"code": "cn_workday"}, "a shared calendar"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_a_wrong_calendar_is_refused_with_its_name(self, wrong: dict[str, Any], why: str) -> None:
        make.tenant()
        with pytest.raises(DocumentRefusedError, match=why):
            planned(entry(**wrong))

    def test_a_calendar_that_stands_twice_is_refused(self) -> None:
        make.tenant()
        with pytest.raises(DocumentRefusedError, match="twice"):
            planned(entry(), entry())

    def test_a_task_whose_calendar_is_missing_is_refused_with_what_to_do(self) -> None:
        make.tenant()
        with pytest.raises(
            DocumentRefusedError, match="acme/new: calendar: “shop” does not exist here: create it first"
        ):
            planned(tasks=(task(),))
