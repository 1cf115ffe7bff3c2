"""/api/tenants, their members, and /api/users"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from scheduling.tests import make
from tenants.models import AuditEntry, Tenant
from testing.callers import Caller, fields, member, superuser, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Caller:
    return superuser()


def test_a_tenant_is_made_changed_and_deleted(root: Caller) -> None:
    made = root.post("/tenants", {"code": "acme", "name": "Acme", "max_running": 5})
    assert made.status_code == 201
    assert made.json()["max_running"] == 5
    changed = root.put("/tenants/acme", {"name": "Acme Ltd", "max_running": None}).json()
    assert (changed["name"], changed["max_running"], changed["is_enabled"]) == ("Acme Ltd", None, True)
    assert root.delete("/tenants/acme").status_code == 204
    assert root.get("/tenants/acme").status_code == 404
    entries = AuditEntry.objects.filter(object_type="tenant").order_by("pk")
    assert list(entries.values_list("action", flat=True)) == ["create", "update", "delete"]


def test_a_tenants_alert_address_is_masked_and_its_mask_keeps_it(root: Caller) -> None:
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789abcdef"
    shown = root.post("/tenants", {"code": "acme", "name": "Acme", "alert_webhook": url}).json()
    assert shown["alert_webhook"].endswith("key=***cdef")
    root.put("/tenants/acme", {"alert_webhook": shown["alert_webhook"], "name": "B"})
    assert Tenant.objects.get().alert_webhook == url
    assert root.put("/tenants/acme", {"alert_webhook": None}).json()["alert_webhook"] == ""


def test_a_code_is_taken_once_and_never_changed(root: Caller) -> None:
    assert root.post("/tenants", {"code": "acme", "name": "A"}).status_code == 201
    assert root.post("/tenants", {"code": "acme", "name": "B"}).status_code == 409
    assert fields(root.put("/tenants/acme", {"code": "b"})) == {"code"}


def test_a_tenant_with_tasks_is_not_deleted(root: Caller) -> None:
    make.task(task_name="weekly")
    refused = root.delete("/tenants/acme")
    assert refused.status_code == 409
    assert "weekly" in refused.json()["detail"]


def test_a_members_role_is_set_by_naming_it_again(root: Caller) -> None:
    root.post("/tenants", {"code": "acme", "name": "A"})
    user("zhang")
    path = "/tenants/acme/members"
    assert root.post(path, {"username": "zhang", "role": "viewer"}).status_code == 201
    assert root.post(path, {"username": "zhang", "role": "admin"}).status_code == 200
    assert root.get(path).json()["items"] == [{"username": "zhang", "role": "admin"}]
    assert root.delete(f"{path}/zhang").status_code == 204
    assert root.delete(f"{path}/zhang").status_code == 404


def test_an_unknown_user_is_no_member(root: Caller) -> None:
    root.post("/tenants", {"code": "acme", "name": "A"})
    assert fields(root.post("/tenants/acme/members", {"username": "x", "role": "viewer"})) == {"username"}


def test_a_tenants_admin_keeps_its_members_and_no_others() -> None:
    admin = member("admin")
    user("zhang", {"other": "viewer"})
    assert admin.post("/tenants/acme/members", {"username": "zhang", "role": "operator"}).status_code == 201
    assert admin.get("/tenants/other/members").status_code == 404
    assert admin.post("/tenants/other/members", {"username": "zhang", "role": "admin"}).status_code == 404


PASSWORD = "correct horse battery"


def test_a_user_is_made_changed_and_deleted(root: Caller) -> None:
    made = root.post("/users", {"username": "zhang", "password": PASSWORD})
    assert made.status_code == 201
    assert b"correct horse" not in made.content
    assert User.objects.get(username="zhang").check_password(PASSWORD)
    root.put("/users/zhang", {"password": PASSWORD + "!", "is_active": False})
    zhang = User.objects.get(username="zhang")
    assert (zhang.is_active, zhang.check_password(PASSWORD + "!")) == (False, True)
    assert root.delete("/users/zhang").status_code == 204
    assert root.get("/users/zhang").status_code == 404
    assert "horse" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "root", "password": PASSWORD}, "username"),
        ({"username": "a b", "password": PASSWORD}, "username"),
        ({"username": "zhang", "password": "short"}, "password"),
        ({"username": "zhang", "password": "password"}, "password"),
    ],
)
def test_a_wrong_user_is_refused(root: Caller, body: dict[str, Any], field: str) -> None:
    assert fields(root.post("/users", body)) == {field}


def test_nobody_takes_away_their_own_rights(root: Caller) -> None:
    assert root.put("/users/root", {"is_superuser": False}).status_code == 409
    assert root.put("/users/root", {"is_active": False}).status_code == 409
    assert root.delete("/users/root").status_code == 409
    assert root.put("/users/root", {"password": PASSWORD}).status_code == 200
