"""/api/secrets, /api/tenant-configs and /api/audit"""

from __future__ import annotations

from typing import Any

import pytest

from tenants.models import AuditEntry, Secret, TenantConfig
from tenants.secrets import secret_value
from testing.callers import Caller, fields, member, superuser, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Caller:
    return member("admin")


def test_a_secret_is_written_never_read(admin: Caller) -> None:
    made = admin.post("/secrets", {"tenant_id": "acme", "secret_key": "CRM", "value": "canary-1"})
    path = f"/secrets/{made.json()['id']}"
    changed = admin.put(path, {"value": "canary-2", "description": "of the CRM"})
    answers = [made, changed, admin.get(path), admin.get("/secrets"), admin.get("/audit")]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200]
    assert not [answer for answer in answers if b"canary" in answer.content]
    assert secret_value("acme", "CRM") == "canary-2"
    assert AuditEntry.objects.first().changes["value"] == ["***", "***"]  # type: ignore[union-attr]


def test_an_update_without_the_value_keeps_it(admin: Caller) -> None:
    made = admin.post("/secrets", {"tenant_id": "acme", "secret_key": "CRM", "value": "canary-1"}).json()
    assert admin.put(f"/secrets/{made['id']}", {"description": "x"}).json()["value_set"] is True
    assert secret_value("acme", "CRM") == "canary-1"


@pytest.mark.parametrize("tenant_id", ["acme", None])
def test_a_key_is_taken_once_in_a_tenant_and_among_global_ones(admin: Caller, tenant_id: str | None) -> None:
    root = superuser()
    body = {"tenant_id": tenant_id, "secret_key": "CRM", "value": "x"}
    assert [root.post("/secrets", body).status_code for _ in range(2)] == [201, 409]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"value": ""}, "value"),
        ({"secret_key": "a b"}, "secret_key"),
        ({"is_shared": True}, "is_shared"),
        ({"tenant_id": "nowhere"}, "tenant_id"),
    ],
)
def test_a_wrong_secret_is_refused(admin: Caller, body: dict[str, Any], field: str) -> None:
    good = {"tenant_id": "acme", "secret_key": "CRM", "value": "x"}
    assert fields(admin.post("/secrets", good | body)) == {field}
    assert not Secret.objects.exists()


def test_a_global_secret_is_invisible_to_tenants_even_if_shared(admin: Caller) -> None:
    made = superuser().post("/secrets", {"secret_key": "CRM", "value": "x", "is_shared": True}).json()
    assert admin.get(f"/secrets/{made['id']}").status_code == 404
    assert admin.get("/secrets").json()["total"] == 0
    assert secret_value("acme", "CRM") == "x"


def config(caller: Caller, **fields: Any) -> dict[str, Any]:
    body = {"tenant_id": "acme", "app_code": "crm", "config_key": "url", "value": "v"} | fields
    shown: dict[str, Any] = caller.post("/tenant-configs", body).json()
    return shown


def test_a_setting_is_shown_and_a_secret_one_is_not(admin: Caller) -> None:
    assert config(admin)["value"] == "v"
    secret = config(admin, config_key="key", value="canary", is_secret=True)
    assert (secret["value"], secret["value_set"]) == (None, True)
    assert b"canary" not in admin.get("/tenant-configs").content


def test_a_secret_setting_does_not_become_readable_with_its_value(admin: Caller) -> None:
    """Else whoever may change a setting could read it."""
    path = f"/tenant-configs/{config(admin, value='canary', is_secret=True)['id']}"
    shown = admin.put(path, {"is_secret": False}).json()
    assert (shown["value"], shown["value_set"]) == ("", False)
    assert admin.put(path, {"value": "open"}).json()["value"] == "open"


def test_a_setting_sent_back_without_its_value_keeps_it(admin: Caller) -> None:
    path = f"/tenant-configs/{config(admin, value='canary', is_secret=True)['id']}"
    admin.put(path, {"is_secret": True})
    assert TenantConfig.objects.get().value == "canary"


def test_a_setting_belongs_to_a_tenant_and_its_key_is_taken_once(admin: Caller) -> None:
    body = {"tenant_id": "acme", "app_code": "crm", "config_key": "url"}
    assert [admin.post("/tenant-configs", body).status_code for _ in range(2)] == [201, 409]
    assert fields(admin.post("/tenant-configs", body | {"tenant_id": None})) == {"tenant_id"}


def test_the_audit_log_filters_and_shows_an_admin_its_own_tenant_only(admin: Caller) -> None:
    tenant("other")
    config(admin)
    root = superuser()
    config(root, tenant_id="other")

    def seen(caller: Caller, **query: Any) -> list[tuple[str, str]]:
        items = caller.get("/audit", **{"object_type": "tenantconfig"} | query).json()["items"]
        return [(item["user"], item["tenant_id"]) for item in items]

    assert seen(root) == [("root", "other"), ("acme-admin", "acme")]
    assert seen(admin) == seen(root, user="acme-admin") == [("acme-admin", "acme")]
    assert seen(root, object_type="secret") == seen(root, to="2020-01-01T00:00:00Z") == []
    assert len(seen(root, **{"from": "2020-01-01T00:00:00Z"})) == 2
