"""Who is let in: tokens and sessions, and how far each reaches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tenants import tokens
from tenants.access import SYSTEM
from tenants.models import ApiToken, Tenant, TenantMember
from testing.callers import JSON, Caller, member, tenant, user

pytestmark = pytest.mark.django_db
SOMEWHERE = "/tenants"


def test_without_a_token_it_is_401_as_a_problem() -> None:
    answer = Caller().get(SOMEWHERE)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer nope", "Basic YTpi", "bearer \xe9\xff", "x" * 5000]
)
def test_a_wrong_header_is_401(header: str) -> None:
    assert Client().get(f"/api{SOMEWHERE}", headers={"authorization": header}).status_code == 401


def test_a_valid_token_is_let_in_and_its_use_is_noted() -> None:
    assert member("viewer").get(SOMEWHERE).status_code == 200
    assert ApiToken.objects.get().last_used_at is not None


def test_an_expired_token_is_401() -> None:
    row, plain = tokens.issue(
        user("a", {"acme": "admin"}), "t", SYSTEM, expires_at=timezone.now() + timedelta(hours=1)
    )
    assert Caller(plain).get(SOMEWHERE).status_code == 200
    ApiToken.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    assert Caller(plain).get(SOMEWHERE).status_code == 401


def test_a_removed_members_token_is_401() -> None:
    caller = member("admin")
    TenantMember.objects.all().delete()
    assert caller.get(SOMEWHERE).status_code == 401


def test_a_token_for_a_tenant_that_its_user_has_left_is_401() -> None:
    holder = user("a", {"acme": "admin", "other": "admin"})
    caller = Caller(tokens.issue(holder, "t", SYSTEM, tenant=tenant("acme"))[1])
    TenantMember.objects.filter(tenant__code="acme").delete()
    assert caller.get(SOMEWHERE).status_code == 401


def test_an_inactive_users_token_is_401() -> None:
    holder = user("a", {"acme": "admin"})
    caller = Caller(tokens.issue(holder, "t", SYSTEM)[1])
    holder.is_active = False
    holder.save()
    assert caller.get(SOMEWHERE).status_code == 401


def test_the_members_of_a_tenant_switched_off_are_out() -> None:
    caller = member("admin")
    Tenant.objects.update(is_enabled=False)
    assert caller.get(SOMEWHERE).status_code == 401


def test_a_wrong_token_is_401_beside_a_session_that_would_do() -> None:
    client = Client()
    client.force_login(user("a", {"acme": "admin"}))
    assert client.get(f"/api{SOMEWHERE}").status_code == 200
    assert client.get(f"/api{SOMEWHERE}", headers={"authorization": "Bearer nope"}).status_code == 401


def test_a_session_needs_its_csrf_token_to_write(settings: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user("a", {"acme": "admin"}))
    path = "/api/schedules/preview"
    body = {"time_points": ["08:00"]}
    assert client.get(f"/api{SOMEWHERE}").status_code == 200
    refused = client.post(path, body, JSON)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    client.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
    assert client.post(path, body, JSON, headers={"x-csrftoken": "x" * 32}).status_code == 200


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain", ""]
)
def test_a_sessions_body_is_read_whatever_it_is_called(kind: str, settings: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user("a", {"acme": "admin"}))
    client.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
    body = '{"time_points": ["08:00"]}'
    headers = {"x-csrftoken": "x" * 32}
    assert client.generic("POST", "/api/schedules/preview", body, kind, headers=headers).status_code == 200


def test_a_stranger_who_writes_is_401_and_not_a_csrf_error() -> None:
    assert Client(enforce_csrf_checks=True).post("/api/schedules/preview", {}, JSON).status_code == 401


def test_a_token_narrows_role_and_tenant() -> None:
    root = user("root", is_superuser=True)
    tenant("acme")
    reader = Caller(tokens.issue(root, "t", SYSTEM, role="viewer")[1])
    assert reader.get("/users").status_code == 403
    assert reader.post("/tenants", {"code": "x", "name": "X"}).status_code == 403
    narrow = Caller(tokens.issue(root, "t", SYSTEM, tenant=tenant("acme"))[1])
    tenant("other")
    assert [item["code"] for item in narrow.get("/tenants").json()["items"]] == ["acme"]
    assert narrow.get("/tenants/other").status_code == 404


@pytest.mark.parametrize(
    ("proxied", "seen"), [(None, "127.0.0.1"), (("HTTP_X_FORWARDED_PROTO", "https"), "10.0.0.9")]
)
def test_where_a_change_came_from(settings: Any, proxied: Any, seen: str) -> None:
    """What a client says of itself counts for nothing; what our own proxy adds does."""
    settings.SECURE_PROXY_SSL_HEADER = proxied
    admin = member("admin")
    headers = {"X-Forwarded-For": "6.6.6.6, 10.0.0.9"}
    admin.post("/secrets", {"tenant_id": "acme", "secret_key": "A", "value": "x"}, **headers)
    assert admin.get("/audit").json()["items"][0]["remote_addr"] == seen
