"""Calendars' pages: who sees which, a click on a day, a pasted list, a confirmed year."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from scheduling.acts import calendars, tasks
from scheduling.models import Calendar, CalendarDay, ScheduledTask
from tenants.access import SYSTEM
from testing.world import World, listing, page

pytestmark = pytest.mark.django_db
NEW = {"code": "shop", "name": "Shop", "based_on": "week", "weekdays": ["1", "6"]}


@pytest.fixture
def shop(world: World) -> Calendar:
    return calendars.create(Calendar(tenant=world.ours, code="shop", name="Shop"), SYSTEM)


@pytest.fixture
def official(world: World) -> Calendar:
    return Calendar.objects.get(code="cn_workday")


def post(client: Client, row: Calendar, act: str, **body: str) -> Any:
    return client.post(page(row, act) + "?year=2026", body)


def set_days(row: Calendar) -> dict[str, tuple[bool, str]]:
    return {
        day.date.isoformat(): (day.is_workday, day.name) for day in CalendarDay.objects.filter(calendar=row)
    }


def texts(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_a_member_sees_everybodys_and_its_tenants_own(world: World, shop: Calendar) -> None:
    calendars.create(Calendar(tenant=world.theirs, code="theirs", name="Their shop"), SYSTEM)
    shown = world.client("viewer").get(listing(Calendar)).content.decode()
    assert "Shop" in shown
    assert "Chinese working days" in shown
    assert "Their shop" not in shown


def test_a_tenants_admin_makes_one_and_changes_it(world: World) -> None:
    client, add = world.client("admin"), page(Calendar(pk=1)).replace("1/change", "add")
    client.post(add, NEW | {"tenant": "ours"})
    row = Calendar.objects.get(code="shop")
    assert (row.tenant_id, row.based_on, row.weekdays) == ("ours", "week", [1, 6])
    client.post(page(row), {"name": "Store", "based_on": "cn_workday", "weekdays": ["1"]})
    row.refresh_from_db()
    assert (row.code, row.name, row.based_on, row.weekdays) == ("shop", "Store", "cn_workday", [1])


@pytest.mark.parametrize("code", ["shop", "cn_workday", "1st", "a b"])
def test_a_code_that_is_taken_or_unreadable_is_said_beside_its_field(
    world: World, shop: Calendar, code: str
) -> None:
    answer = world.client("admin").post(
        page(shop).replace(f"{shop.pk}/change", "add"), NEW | {"tenant": "ours", "code": code}
    )
    assert answer.context["adminform"].form.errors["code"]


def test_a_click_sets_a_day_and_the_next_takes_it_back(world: World, shop: Calendar) -> None:
    client = world.client("admin")
    answer = post(client, shop, "set_day", day="2026-10-01")
    assert answer.status_code == 302
    assert set_days(shop) == {"2026-10-01": (True, "")}
    post(client, shop, "set_day", day="2026-10-01")
    assert set_days(shop) == {}


@pytest.mark.parametrize("day", ["", "x", "2026-02-30", "0001-01-01"])
def test_a_forged_day_is_no_fault(world: World, shop: Calendar, day: str) -> None:
    assert post(world.client("admin"), shop, "set_day", day=day).status_code == 302
    assert set_days(shop) == {}


def test_a_list_is_pasted(world: World, shop: Calendar) -> None:
    text = "2026-10-01..2026-10-02, work, open\n2026-10-12"
    answer = post(world.client("admin"), shop, "import_days", days=text, default="off")
    assert set_days(shop) == {
        "2026-10-01": (True, "open"),
        "2026-10-02": (True, "open"),
        "2026-10-12": (False, ""),
    }
    assert "3 days" in texts(answer)


def test_a_list_that_can_not_be_read_sets_nothing_and_says_why(world: World, shop: Calendar) -> None:
    answer = post(world.client("admin"), shop, "import_days", days="2026-10-01\nrubbish", default="off")
    assert set_days(shop) == {}
    assert "Line 2" in texts(answer)


def test_the_year_shows_each_day_and_where_it_comes_from(world: World, shop: Calendar) -> None:
    post(world.client("admin"), shop, "set_day", day="2026-03-04")
    shown = world.client("admin").get(page(shop), {"year": "2026"}).content.decode()
    assert shown.count('name="day"') == 365
    assert "2026-10-01 国庆节 · day off · official" in shown
    assert "2026-03-04 · day off · edited" in shown


def test_a_viewer_looks_and_changes_nothing(world: World, shop: Calendar, official: Calendar) -> None:
    client = world.client("viewer")
    for row in (shop, official):
        shown = client.get(page(row), {"year": "2026"}).content.decode()
        assert "国庆节" in shown
        assert 'name="day"' not in shown
        for act in ("set_day", "import_days", "confirm"):
            assert post(client, row, act, day="2026-10-01").status_code == 403
    assert not CalendarDay.objects.exists()


def test_a_viewer_reads_the_week_in_words(world: World) -> None:
    row = Calendar(tenant=world.ours, code="week", based_on="week", weekdays=[1, 7])
    shown = world.client("viewer").get(page(calendars.create(row, SYSTEM))).content.decode()
    assert "Monday, Sunday" in shown


def test_the_official_days_are_the_superusers_and_have_no_delete(world: World, official: Calendar) -> None:
    for act in ("set_day", "confirm"):
        assert post(world.client("admin"), official, act, day="2026-10-01").status_code == 403
    root = world.client("superuser")
    post(root, official, "set_day", day="2026-10-01")
    assert set_days(official) == {"2026-10-01": (True, "")}
    assert root.get(page(official, "delete")).status_code == 403


def test_another_tenants_calendar_does_not_exist(world: World) -> None:
    theirs = calendars.create(Calendar(tenant=world.theirs, code="theirs"), SYSTEM)
    for act in ("set_day", "import_days", "confirm"):
        assert post(world.client("admin"), theirs, act).status_code == 404


def test_acts_are_posts(world: World, shop: Calendar) -> None:
    for act in ("set_day", "import_days", "confirm"):
        assert world.client("admin").get(page(shop, act)).status_code == 405


def test_a_year_without_a_notice_is_said_and_confirmed_after_a_look(world: World, official: Calendar) -> None:
    root, url = world.client("superuser"), page(official)
    assert "The official days of 2090 are not confirmed" in root.get(url, {"year": "2090"}).content.decode()
    root.post(page(official, "confirm") + "?year=2090")
    assert "The days of 2090 have been confirmed" in root.get(url, {"year": "2090"}).content.decode()
    root.post(page(official, "confirm") + "?year=2090", {"undo": "1"})
    assert "are not confirmed" in root.get(url, {"year": "2090"}).content.decode()
    assert "The official notice for 2026 is known" in root.get(url, {"year": "2026"}).content.decode()


@pytest.mark.parametrize("year", ["", "x", "99999", "1066", "２０２６"])
def test_a_forged_year_is_this_one(world: World, official: Calendar, year: str) -> None:
    with time_machine.travel(datetime(2027, 12, 31, 16, 0, tzinfo=UTC), tick=False):  # in Shanghai 2028
        answer = world.client("viewer").get(page(official), {"year": year})
    assert "<span>2028</span>" in answer.content.decode()


def test_one_in_use_is_kept_and_its_tasks_named(world: World, shop: Calendar) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(calendar="shop")
    client = world.client("admin")
    assert "our report" in client.get(page(shop, "delete")).content.decode()
    client.post(page(shop, "delete"), {"post": "yes"})
    assert Calendar.objects.filter(pk=shop.pk).exists()
    ScheduledTask.objects.filter(pk=world.task.pk).update(calendar="")
    client.post(page(shop, "delete"), {"post": "yes"})
    assert not Calendar.objects.filter(pk=shop.pk).exists()


def test_a_task_chooses_among_its_tenants_calendars(world: World, shop: Calendar) -> None:
    calendars.create(Calendar(tenant=world.theirs, code="theirs", name="Their shop"), SYSTEM)
    shown = world.client("admin").get(page(world.task)).content.decode()
    assert '<option value="shop">Shop</option>' in shown
    assert '<option value="cn_holiday">Chinese days off</option>' in shown
    assert "Their shop" not in shown
    assert (
        "Their shop" not in world.client("admin").get("/admin/scheduling/scheduledtask/add/").content.decode()
    )


def test_the_preview_of_a_saved_task_knows_its_tenants_calendars(world: World, shop: Calendar) -> None:
    form = {"schedule_type": "simple", "time_points": "08:00", "timezone": "UTC", "calendar": "shop",
            "calendar_policy": "skip", "spread_seconds": "0"}  # fmt: skip
    url = "/admin/scheduling/scheduledtask/preview/"
    client = world.client("admin")
    assert "Shop" in client.post(f"{url}?task={world.task.pk}", form).content.decode()
    assert "Shop" in client.post(url, form | {"tenant": "ours"}).content.decode()
    for query in ("", f"?task={world.their_task.pk}", "?task=x"):
        assert "“shop” does not exist" in client.post(url + query, form).content.decode()
    assert "“shop” does not exist" in client.post(url, form | {"tenant": "theirs"}).content.decode()


def test_the_list_marks_calendars_whose_year_is_a_guess(world: World) -> None:
    """As long as the library ends somewhere, the year after it is one."""
    calendars.create(Calendar(tenant=world.ours, code="week", based_on="week"), SYSTEM)
    shown = {row.code: row.unconfirmed_years
             for row in world.client("viewer").get(listing(Calendar)).context["cl"].result_list}  # fmt: skip
    assert shown["week"] == []
    assert shown["cn_workday"] == shown["cn_holiday"]


def test_a_task_whose_calendar_is_gone_is_not_quietly_given_another(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(calendar="gone")
    shown = world.client("admin").get(page(world.task)).content.decode()
    assert '<option value="gone" selected>gone</option>' in shown


def use(task: ScheduledTask, row: Calendar) -> None:
    tasks.update(task.pk, lambda one: setattr(one, "calendar", row.code), SYSTEM, timezone.now())


def test_a_new_tasks_form_names_calendars_with_their_tenants(world: World, shop: Calendar) -> None:
    shown = world.client("superuser").get(listing(ScheduledTask) + "add/").content.decode()
    assert '<option value="shop">Shop · Our team</option>' in shown
    assert (
        '<option value="shop">Shop</option>' in world.client("admin").get(page(world.task)).content.decode()
    )


def test_who_may_only_look_reads_the_calendars_name(world: World, shop: Calendar) -> None:
    client = world.client("viewer")
    assert "Every day" in client.get(page(world.task)).content.decode()
    use(world.task, shop)
    form = client.get(page(world.task)).context["adminform"]
    shown = [
        field.contents() for fieldset in form for line in fieldset for field in line if field.is_readonly
    ]
    assert "Shop" in shown
    assert "shop" not in shown


def test_versions_name_calendars(world: World, shop: Calendar) -> None:
    use(world.task, shop)
    shown = world.client("viewer").get(page(world.task, "versions")).content.decode()
    assert "<ins>Shop</ins>" in shown
