from __future__ import annotations

from typing import Any

import pytest

from scheduling.models import Calendar, ScheduledTask
from scheduling.tests import make
from tenants.models import AuditEntry
from testing.callers import Caller, fields, member, superuser, tenant

pytestmark = pytest.mark.django_db
SHOP = {"tenant_id": "acme", "code": "shop", "name": "Shop", "based_on": "week", "weekdays": [6, 1, 6]}
TASK = {"tenant_id": "acme", "task_name": "t", "time_points": ["08:00"], "script_content": "pass"}


@pytest.fixture
def admin() -> Caller:
    return member("admin")


@pytest.fixture
def root() -> Caller:
    return superuser()


@pytest.fixture
def shop(admin: Caller) -> dict[str, Any]:
    answer = admin.post("/calendars", SHOP)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def day(caller: Caller, calendar: str, date: str) -> dict[str, Any]:
    items = caller.get(f"/calendars/{calendar}/days", year=date[:4]).json()["items"]
    found: dict[str, Any] = next(item for item in items if item["date"] == date)
    return found


def test_a_tenants_admin_keeps_a_calendar_of_its_own(admin: Caller, shop: dict[str, Any]) -> None:
    assert (shop["code"], shop["tenant_id"], shop["based_on"], shop["weekdays"]) == (
        "shop",
        "acme",
        "week",
        [1, 6],
    )
    changed = admin.put("/calendars/shop", {"name": "Store", "weekdays": [1]}).json()
    assert (changed["name"], changed["weekdays"]) == ("Store", [1])
    assert admin.get(f"/calendars/{shop['id']}").json() == admin.get("/calendars/shop").json()
    assert admin.delete("/calendars/shop").status_code == 204
    assert admin.get("/calendars/shop").status_code == 404


def test_everybody_sees_the_official_ones_and_their_tenants_own(admin: Caller, shop: dict[str, Any]) -> None:
    stranger, root = member("viewer", "other"), superuser()
    listed = {who: [item["code"] for item in caller.get("/calendars").json()["items"]]
              for who, caller in {"admin": admin, "stranger": stranger, "root": root}.items()}  # fmt: skip
    assert sorted(listed["admin"]) == sorted(listed["root"]) == ["cn_holiday", "cn_workday", "shop"]
    assert sorted(listed["stranger"]) == ["cn_holiday", "cn_workday"]
    assert [item["code"] for item in root.get("/calendars", tenant_id="acme").json()["items"]] == ["shop"]
    assert [item["code"] for item in root.get("/calendars", search="shOP").json()["items"]] == ["shop"]


def test_the_official_ones_have_a_name_in_the_readers_language(admin: Caller) -> None:
    assert admin.get("/calendars/cn_workday").json()["name"] == "Chinese working days"
    admin.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    assert admin.get("/calendars/cn_workday").json()["name"] == "中国工作日"


def test_a_code_of_two_tenants_is_told_apart_by_id(root: Caller, admin: Caller, shop: dict[str, Any]) -> None:
    tenant("other")
    theirs = root.post("/calendars", SHOP | {"tenant_id": "other"}).json()
    refused = root.get("/calendars/shop")
    assert (refused.status_code, refused.json()["code"]) == (409, "ambiguous")
    assert root.get(f"/calendars/{theirs['id']}").json()["tenant_id"] == "other"
    assert admin.get("/calendars/shop").json()["tenant_id"] == "acme"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"code": "1shop"}, 422, "code"),
        ({"code": "s hop"}, 422, "code"),
        ({"based_on": "de"}, 422, "based_on"),
        ({"weekdays": [0]}, 422, "weekdays.0"),
        ({"weekdays": ["1"]}, 422, "weekdays.0"),
        ({"is_official": True}, 422, "is_official"),
        ({"tenant_id": "nowhere"}, 422, "tenant_id"),
        ({"code": "shop"}, 409, ""),
        ({"code": "cn_workday"}, 409, ""),
    ],
)
def test_a_wrong_calendar_is_refused(
    admin: Caller, shop: dict[str, Any], body: dict[str, Any], status: int, field: str
) -> None:
    refused = admin.post("/calendars", SHOP | {"code": "new"} | body)
    assert refused.status_code == status, refused.content
    assert not field or fields(refused) == {field}


def test_a_day_is_set_shown_and_taken_back(admin: Caller, shop: dict[str, Any]) -> None:
    assert day(admin, "shop", "2026-10-08") == {
        "date": "2026-10-08", "is_workday": False, "name": "", "source": "week",
    }  # fmt: skip
    set_to = admin.put("/calendars/shop/days/2026-10-08", {"is_workday": True, "name": "Sale"}).json()
    assert set_to == {"date": "2026-10-08", "is_workday": True, "name": "Sale", "source": "edited"}
    assert day(admin, "shop", "2026-10-08") == set_to
    assert admin.delete("/calendars/shop/days/2026-10-08").status_code == 204
    assert day(admin, "shop", "2026-10-08")["source"] == "week"


def test_a_list_of_days_leaves_the_others_as_they_are(admin: Caller, shop: dict[str, Any]) -> None:
    admin.put("/calendars/shop/days/2026-10-08", {"is_workday": True})
    days = [
        {"date": "2026-10-09", "is_workday": True},
        {"date": "2027-01-01", "is_workday": False, "name": "x"},
    ]
    shown = admin.send("PATCH", "/calendars/shop/days", {"days": days}).json()
    assert [item["date"] for item in shown["items"] if item["source"] == "edited"] == [
        "2026-10-08",
        "2026-10-09",
    ]
    assert day(admin, "shop", "2027-01-01")["name"] == "x"


@pytest.mark.parametrize(
    "date", ["2026-02-30", "20261008", "2026-W41-4", "1850-01-01", "1759881600", "x", "%00"]
)
def test_what_is_no_day_is_refused(admin: Caller, shop: dict[str, Any], date: str) -> None:
    assert admin.put(f"/calendars/shop/days/{date}", {"is_workday": True}).status_code in (404, 422)


def test_the_official_days_are_corrected_by_superusers_for_both_calendars(
    root: Caller, admin: Caller
) -> None:
    body = {"is_workday": True, "name": "worked"}
    assert admin.put("/calendars/cn_workday/days/2026-10-01", body).status_code == 403
    assert root.put("/calendars/cn_holiday/days/2026-10-01", body).status_code == 200
    assert day(admin, "cn_workday", "2026-10-01") == day(admin, "cn_holiday", "2026-10-01")
    assert day(admin, "cn_workday", "2026-10-01")["is_workday"] is True


def test_a_year_without_a_notice_is_a_guess_until_somebody_confirms_it(root: Caller, admin: Caller) -> None:
    def shown() -> tuple[bool, str]:
        answer = admin.get("/calendars/cn_workday/days", year=2090).json()
        return answer["is_confirmed"], next(i["source"] for i in answer["items"] if i["date"] == "2090-10-01")

    assert shown() == (False, "guess")
    assert admin.post("/calendars/cn_workday/confirm", {"year": 2090}).status_code == 403
    assert root.post("/calendars/cn_workday/confirm", {"year": 2090}).json()["confirmed_years"] == [2090]
    assert shown() == (True, "official")
    assert AuditEntry.objects.filter(action="confirm").count() == 1
    root.post("/calendars/cn_workday/confirm", {"year": 2090, "is_confirmed": False})
    assert shown() == (False, "guess")


def test_a_preview_warns_until_the_year_is_confirmed(root: Caller) -> None:
    body = {"time_points": ["08:00"], "calendar": "cn_workday", "after": "2090-06-01T00:00:00Z"}
    assert len(root.post("/schedules/preview", body).json()["warnings"]) == 2
    for year in (2090, 2091):
        root.post("/calendars/cn_workday/confirm", {"year": year})
    assert root.post("/schedules/preview", body).json()["warnings"] == []


@pytest.mark.parametrize("calendar", ["cn_workday", "cn_holiday"])
def test_an_official_calendar_stays_what_it_is(root: Caller, calendar: str) -> None:
    for refused in (
        root.put(f"/calendars/{calendar}", {"based_on": "week"}),
        root.delete(f"/calendars/{calendar}"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "official")


def test_a_task_fires_by_its_tenants_calendar(admin: Caller, shop: dict[str, Any]) -> None:
    made = admin.post("/scheduled-tasks", TASK | {"calendar": "shop"})
    assert made.status_code == 201, made.content
    assert "Shop" in made.json()["schedule_description"]
    body = {"time_points": ["08:00"], "calendar": "shop", "after": "2026-10-05T02:00:00Z", "count": 2}
    assert admin.post("/schedules/preview", body).json()["due_times"] == [
        "2026-10-10T00:00:00+00:00",
        "2026-10-12T00:00:00+00:00",
    ]
    refused = admin.delete("/calendars/shop")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "t" in refused.json()["detail"]


def test_another_tenants_calendar_can_not_be_named(admin: Caller, root: Caller, shop: dict[str, Any]) -> None:
    tenant("other")
    root.post("/calendars", SHOP | {"tenant_id": "other", "code": "theirs"})
    for code in ("theirs", "nowhere"):
        refused = admin.post("/scheduled-tasks", TASK | {"calendar": code})
        assert (refused.status_code, fields(refused)) == (422, {"calendar"})
    refused = root.post("/scheduled-tasks", TASK | {"tenant_id": None, "calendar": "shop"})
    assert (refused.status_code, fields(refused)) == (422, {"calendar"})
    assert not ScheduledTask.objects.exists()


def test_a_calendar_of_everybodys_serves_every_tenant(admin: Caller, root: Caller) -> None:
    assert root.post("/calendars", {"code": "plant", "based_on": "week", "weekdays": [7]}).status_code == 201
    assert admin.post("/scheduled-tasks", TASK | {"calendar": "plant"}).status_code == 201
    assert admin.put("/calendars/plant", {"name": "x"}).status_code == 403


def test_a_preview_looks_in_the_tenant_that_it_names(
    root: Caller, admin: Caller, shop: dict[str, Any]
) -> None:
    body = {"time_points": ["08:00"], "calendar": "shop"}
    assert fields(root.post("/schedules/preview", body)) == {"calendar"}
    assert root.post("/schedules/preview", body | {"tenant_id": "acme"}).status_code == 200
    assert admin.post("/schedules/preview", body | {"tenant_id": "nowhere"}).status_code == 422
    tenant("other")
    assert admin.post("/schedules/preview", body | {"tenant_id": "other"}).status_code == 403


def test_a_list_of_tasks_asks_for_calendars_once(admin: Caller, shop: dict[str, Any]) -> None:
    for n in range(3):
        make.task(calendar="shop", task_name=str(n))
    shown = admin.get("/scheduled-tasks").json()["items"]
    assert all("Shop" in item["schedule_description"] for item in shown)
    assert Calendar.objects.count() == 3
