"""/api/wecom-apps, tried with a strict application on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from notifications.models import Delivery, WeComApp
from scheduling.tests import make
from testing.callers import Caller, fields, member, superuser, tenant
from testing.servers.robots import Robots
from testing.servers.robots import WeComApp as Service

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Caller:
    return member("admin")


@pytest.fixture
def service() -> Iterator[Service]:
    with Robots() as running:
        yield running.wecom_app(secret="canary-secret")


def body(**changes: Any) -> dict[str, Any]:
    return {
        "tenant_id": "acme",
        "app_name": "duty",
        "corp_id": "ww0123456789abcdef",
        "agent_id": 1000002,
        "corp_secret": "canary-secret",
        "to_user": "zhangsan|lisi",
    } | changes


def made(caller: Caller, **changes: Any) -> dict[str, Any]:
    answer = caller.post("/wecom-apps", body(**changes))
    assert answer.status_code == 201, answer.content
    shown: dict[str, Any] = answer.json()
    return shown


def test_the_secret_is_written_and_never_returned(admin: Caller) -> None:
    shown = made(admin, proxy_url="http://user:canary-proxy@proxy.example:3128")
    assert shown["corp_secret_set"] is True
    assert shown["api_base"] == "https://qyapi.weixin.qq.com"
    path = f"/wecom-apps/{shown['id']}"
    for answer in (admin.get(path), admin.get("/wecom-apps"), admin.put(path, shown), admin.get("/audit")):
        assert answer.status_code == 200
        assert b"canary" not in answer.content
    row = WeComApp.objects.get()
    assert (row.corp_secret, row.proxy_url) == (
        "canary-secret",
        "http://user:canary-proxy@proxy.example:3128",
    )


def test_a_change_touches_what_it_names(admin: Caller) -> None:
    path = f"/wecom-apps/{made(admin)['id']}"
    shown = admin.put(path, {"to_user": None, "to_party": "7", "corp_secret": "new"}).json()
    assert (shown["to_user"], shown["to_party"], shown["agent_id"]) == ("", "7", 1000002)
    assert WeComApp.objects.get().corp_secret == "new"
    assert admin.put(path, {"api_base": None}).json()["api_base"] == "https://qyapi.weixin.qq.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("corp_id", "ww 1"),
        ("agent_id", -1),
        ("agent_id", "1000002"),
        ("corp_secret", ""),
        ("corp_secret", None),
        ("to_user", "zhang san"),
        ("to_user", "zhangsan||lisi"),
        ("api_base", "ftp://example.com"),
        ("api_base", "http://"),
        ("proxy_url", "http://"),
        ("max_attempts", 0),
        ("tenant_id", None),
        ("colour", "red"),
    ],
)
def test_what_is_wrong_is_refused_by_name(admin: Caller, name: str, value: object) -> None:
    assert fields(admin.post("/wecom-apps", body(**{name: value}))) == {name}
    assert not WeComApp.objects.exists()


def test_the_list_filters(admin: Caller) -> None:
    made(admin, app_name="first")
    made(admin, app_name="second", is_enabled=False)
    for query in ({"is_enabled": "false"}, {"search": "SEC"}):
        found = admin.get("/wecom-apps", **query).json()
        assert [item["app_name"] for item in found["items"]] == ["second"]


def test_another_tenants_app_is_not_there(admin: Caller) -> None:
    tenant("other")
    app_id = made(superuser(), tenant_id="other")["id"]
    assert admin.get("/wecom-apps").json()["total"] == 0
    assert admin.get(f"/wecom-apps/{app_id}").status_code == 404
    assert admin.put(f"/wecom-apps/{app_id}", {"tenant_id": "acme"}).status_code == 404
    assert admin.post("/wecom-apps", body(tenant_id="other")).status_code == 403


def test_a_test_goes_to_the_rows_people_and_says_what_wecom_said(admin: Caller, service: Service) -> None:
    app_id = made(admin, api_base=service.url)["id"]
    result = admin.post(f"/wecom-apps/{app_id}/test", {"content": "hello"}).json()
    assert (result["ok"], result["errcode"]) == (True, "0")
    assert [shown["touser"] for shown in service.shown] == ["zhangsan|lisi"]
    delivery = admin.get("/deliveries", wecom_app_id=app_id).json()["items"][0]
    assert (delivery["wecom_app_id"], delivery["channel_id"], delivery["kind"]) == (app_id, None, "test")


def test_a_test_names_who_was_missed(admin: Caller, service: Service) -> None:
    service.members = frozenset({"lisi"})
    app_id = made(admin, api_base=service.url)["id"]
    result = admin.post(f"/wecom-apps/{app_id}/test").json()
    assert result["ok"] is True
    assert "zhangsan" in result["note"]


def test_a_refused_secret_is_200_with_what_to_do(admin: Caller, service: Service) -> None:
    app_id = made(admin, api_base=service.url, corp_secret="of yesterday")["id"]
    answer = admin.post(f"/wecom-apps/{app_id}/test")
    result = answer.json()
    assert (answer.status_code, result["ok"], result["errcode"]) == (200, False, "40001")
    assert result["note"]
    assert Delivery.objects.get().status == "failed"


def test_an_app_that_tasks_send_by_is_not_deleted_and_they_are_named(admin: Caller) -> None:
    app_id = made(admin)["id"]
    task = make.task(task_name="weekly", notify_wecom_app_id=app_id)
    refused = admin.delete(f"/wecom-apps/{app_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "weekly" in refused.json()["detail"]
    task.delete()
    assert admin.delete(f"/wecom-apps/{app_id}").status_code == 204


def test_a_task_names_an_app_of_its_own_tenant(admin: Caller) -> None:
    tenant("other")
    mine, theirs = made(admin)["id"], made(superuser(), tenant_id="other")["id"]
    task = {"task_name": "t", "tenant_id": "acme", "time_points": ["08:00"], "script_content": "pass"}
    shown = admin.post("/scheduled-tasks", task | {"notify_wecom_app_id": mine}).json()
    assert shown["notify_wecom_app_id"] == mine
    path = f"/scheduled-tasks/{shown['id']}"
    for wrong in (theirs, 10**9):
        assert fields(admin.put(path, {"notify_wecom_app_id": wrong})) == {"notify_wecom_app_id"}
    assert admin.put(path, {"notify_wecom_app_id": None}).json()["notify_wecom_app_id"] is None
    restored = admin.post(f"{path}/versions/1/restore").json()
    assert restored["notify_wecom_app_id"] == mine
