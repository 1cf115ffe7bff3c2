"""/api/tokens: a token is worth at most what it was made with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants import tokens
from tenants.access import SYSTEM
from tenants.models import ApiToken, AuditEntry
from testing.callers import Caller, fields, member, superuser, tenant, user

pytestmark = pytest.mark.django_db


def issued(caller: Caller, **fields: Any) -> dict[str, Any]:
    answer = caller.post("/tokens", {"name": "ci"} | fields)
    assert answer.status_code == 201, answer.content
    shown: dict[str, Any] = answer.json()
    return shown


def test_a_token_is_shown_once_and_kept_as_a_hash() -> None:
    root = superuser()
    shown = issued(root)
    assert Caller(shown["token"]).get("/users").status_code == 200
    listed = root.get("/tokens")
    assert shown["token"].encode() not in listed.content
    row = ApiToken.objects.get(pk=shown["id"])
    assert shown["token"] not in str(row.__dict__)
    assert (listed.json()["items"][0]["prefix"], row.name) == (shown["token"][:8], "ci")


def test_a_revoked_token_is_worth_nothing() -> None:
    root = superuser()
    shown = issued(root)
    assert root.delete(f"/tokens/{shown['id']}").status_code == 204
    assert Caller(shown["token"]).get("/users").status_code == 401
    assert root.delete(f"/tokens/{shown['id']}").status_code == 404


def test_a_superuser_makes_tokens_for_others() -> None:
    user("zhang", {"acme": "operator"})
    shown = issued(superuser(), username="zhang")
    assert shown["username"] == "zhang"
    assert Caller(shown["token"]).get("/tenants").json()["total"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "nobody"}, "username"),
        ({"tenant_id": "nowhere"}, "tenant_id"),
        ({"role": "king"}, "role"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": ""}, "name"),
    ],
)
def test_a_wrong_token_is_refused(body: dict[str, Any], field: str) -> None:
    assert fields(superuser().post("/tokens", {"name": "ci"} | body)) == {field}


def test_members_make_tokens_for_themselves_in_their_tenant_up_to_their_role() -> None:
    operator = member("operator")
    tenant("other")
    assert issued(operator, tenant_id="acme")["role"] == "operator"
    assert issued(operator, tenant_id="acme", role="viewer")["role"] == "viewer"
    assert issued(operator)["tenant_id"] == "acme"
    for body in (
        {"tenant_id": None},
        {"tenant_id": "acme", "role": "admin"},
        {"tenant_id": "other"},
        {"username": "root"},
    ):
        assert operator.post("/tokens", {"name": "ci"} | body).status_code == 403


def test_a_narrow_token_makes_no_wider_one() -> None:
    holder = user("a", {"acme": "admin", "other": "admin"})
    soon = timezone.now() + timedelta(hours=1)
    plain = tokens.issue(holder, "t", SYSTEM, tenant=tenant("acme"), role="viewer", expires_at=soon)[1]
    narrow = Caller(plain)
    same = {"name": "x", "tenant_id": "acme", "role": "viewer", "expires_at": soon.isoformat()}
    assert narrow.post("/tokens", same).status_code == 201
    wider: list[dict[str, Any]] = [
        {"role": "operator"},
        {"tenant_id": "other"},
        {"tenant_id": None},
        {"expires_at": None},
    ]
    later = [{"expires_at": (soon + timedelta(hours=1)).isoformat()}]
    for change in wider + later:
        assert narrow.post("/tokens", same | change).status_code == 403


def test_one_sees_and_revokes_only_ones_own() -> None:
    mine, other = member("admin"), member("admin", name="second")
    ids = [item["id"] for item in other.get("/tokens").json()["items"]]
    assert ids == []
    bound = issued(other, tenant_id="acme")
    assert mine.delete(f"/tokens/{bound['id']}").status_code == 404
    assert other.delete(f"/tokens/{bound['id']}").status_code == 204


def test_a_revoked_token_takes_with_it_what_it_made() -> None:
    root = superuser()
    first = issued(root)
    second = issued(Caller(first["token"]))
    third = issued(Caller(second["token"]))
    others = issued(root)
    assert root.delete(f"/tokens/{first['id']}").status_code == 204
    assert [Caller(made["token"]).get("/users").status_code for made in (first, second, third)] == [401] * 3
    assert Caller(others["token"]).get("/users").status_code == 200
    revoked = AuditEntry.objects.filter(action="delete", object_type="apitoken")
    assert {int(entry.object_id) for entry in revoked} == {first["id"], second["id"], third["id"]}


def test_a_removed_members_tokens_are_worth_nothing() -> None:
    shown = issued(member("operator"), tenant_id="acme")
    assert superuser().delete("/tenants/acme/members/acme-operator").status_code == 204
    assert Caller(shown["token"]).get("/tenants").status_code == 401


@pytest.mark.parametrize(("revoke", "status"), [(False, 200), (True, 401)])
def test_a_new_password_leaves_the_tokens_unless_it_is_asked_to_revoke_them(
    revoke: bool, status: int
) -> None:
    theirs = member("viewer")
    body = {"password": "correct horse battery", "revoke_tokens": revoke}
    assert superuser().put("/users/acme-viewer", body).status_code == 200
    assert theirs.get("/tenants").status_code == status
