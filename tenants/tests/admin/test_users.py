"""Users' pages: every change goes through `tenants.users`, and nobody locks themselves out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tenants.models import AuditEntry, TenantMember
from testing.world import World, listing, page

ADD = listing(User) + "add/"
PASSWORD = "correct horse battery"
NEW = {"username": "zhang", "new_password": PASSWORD, "again": PASSWORD, "is_active": "on", "is_staff": "on"}


@pytest.fixture
def root(world: World) -> Client:
    return world.client("superuser")


@pytest.fixture
def viewer(world: World) -> User:
    return User.objects.get(username="viewer")


def errors(client: Client, address: str = ADD, **changes: str) -> dict[str, Any]:
    found: dict[str, Any] = client.post(address, NEW | changes).context["adminform"].form.errors
    return found


def test_a_user_is_made_and_its_making_audited_without_the_password(root: Client) -> None:
    assert root.post(ADD, NEW).status_code == 302
    zhang = User.objects.get(username="zhang")
    assert zhang.check_password(PASSWORD)
    assert not zhang.is_superuser
    entry = AuditEntry.objects.get(object_type="user", object_id=zhang.pk)
    assert (entry.action, entry.username) == ("create", "superuser")
    assert entry.changes["is_staff"] == ["", "True"]
    assert "horse" not in str(entry.changes)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("username", {"username": "viewer"}),
        ("username", {"username": "a b"}),
        ("username", {"username": ""}),
        ("new_password", {"new_password": "short", "again": "short"}),
        ("new_password", {"new_password": "zhang-zhang", "again": "zhang-zhang", "username": "zhang-zhang"}),
        ("new_password", {"new_password": ""}),
        ("again", {"again": "another one"}),
        ("email", {"email": "nobody"}),
    ],
)
def test_what_is_wrong_with_a_user_stands_beside_its_field(
    root: Client, field: str, changes: dict[str, str]
) -> None:
    assert field in errors(root, **changes)
    assert not User.objects.filter(username=changes.get("username", "zhang"), email="").exclude(
        username="viewer"
    )


def test_a_change_is_audited_with_old_and_new_and_keeps_the_password(root: Client, viewer: User) -> None:
    form = {"username": "viewer", "email": "v@example.com", "is_active": "on", "is_superuser": "on"}
    assert root.post(page(viewer), form).status_code == 302
    viewer.refresh_from_db()
    assert viewer.check_password("viewer")
    entry = AuditEntry.objects.get(object_type="user")
    assert entry.changes == {
        "email": ["", "v@example.com"],
        "is_superuser": ["False", "True"],
        "is_staff": ["True", "False"],
    }


def test_a_new_password_is_audited_as_such_and_shown_nowhere(root: Client, viewer: User) -> None:
    form = NEW | {"username": "viewer"}
    assert root.post(page(viewer), form).status_code == 302
    viewer.refresh_from_db()
    assert viewer.check_password(PASSWORD)
    assert AuditEntry.objects.get(object_type="user").changes == {"password": ["***", "***"]}
    assert viewer.password not in root.get(page(viewer)).content.decode()


def test_nobody_takes_away_their_own_rights_by_a_forged_form(root: Client) -> None:
    me = User.objects.get(username="superuser")
    assert root.post(page(me), {"username": "boss", "email": ""}).status_code == 302
    me.refresh_from_db()
    assert (me.username, me.is_superuser, me.is_active, me.is_staff) == ("boss", True, True, True)


def test_nobody_deletes_themselves(root: Client) -> None:
    me = User.objects.get(username="superuser")
    assert page(me, "delete") not in root.get(page(me)).content.decode()
    assert root.post(page(me, "delete"), {"post": "yes"}).status_code == 403
    everybody = list(User.objects.values_list("pk", flat=True))
    bulk = {"action": "delete_selected", "_selected_action": everybody, "post": "yes"}
    assert root.post(listing(User), bulk).status_code == 403
    assert User.objects.count() == len(everybody)


def test_others_are_deleted_with_their_memberships(root: Client, viewer: User) -> None:
    bulk = {"action": "delete_selected", "_selected_action": [viewer.pk], "post": "yes"}
    assert root.post(listing(User), bulk).status_code == 302
    assert not TenantMember.objects.filter(user=viewer.pk).exists()
    assert AuditEntry.objects.get(object_type="user").action == "delete"


def test_a_new_password_of_ones_own_does_not_log_out(root: Client) -> None:
    me = User.objects.get(username="superuser")
    root.post(page(me), NEW | {"username": "superuser"})
    assert root.get("/admin/").status_code == 200


@pytest.mark.parametrize("who", ["viewer", "operator", "admin"])
def test_users_are_the_superusers_to_keep(world: World, who: str) -> None:
    client = world.client(who)
    assert client.get(listing(User)).status_code == 403
    assert client.post(ADD, NEW).status_code == 403
    assert client.post(page(User.objects.get(username="superuser")), NEW).status_code in {302, 403}
    assert not User.objects.filter(username="zhang").exists()
