"""One's own password: changed by `tenants.users` like anybody's, so that the audit log knows."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tenants import tokens
from tenants.access import SYSTEM
from tenants.models import ApiToken, AuditEntry
from testing.world import World

PAGE = "/admin/password_change/"
PASSWORD = "correct horse battery"


def form(old: str, new: str = PASSWORD, again: str | None = None) -> dict[str, str]:
    return {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}


@pytest.mark.parametrize("who", ["viewer", "operator", "admin", "superuser"])
def test_a_new_password_of_ones_own_is_audited_as_such(world: World, who: str) -> None:
    answer = world.client(who).post(PAGE, form(who), REMOTE_ADDR="192.0.2.7")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/password_change/done/")
    me = User.objects.get(username=who)
    assert me.check_password(PASSWORD)
    entry = AuditEntry.objects.get(object_type="user")
    assert (entry.action, entry.username, entry.object_id) == ("update", who, str(me.pk))
    assert (entry.changes, entry.remote_addr) == ({"password": ["***", "***"]}, "192.0.2.7")


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("old_password", form("guessed")),
        ("new_password2", form("viewer", again="another one")),
        ("new_password2", form("viewer", new="viewer")),
        ("new_password1", form("viewer", new="")),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_changed(
    world: World, field: str, sent: dict[str, str]
) -> None:
    answer = world.client("viewer").post(PAGE, sent)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert User.objects.get(username="viewer").check_password("viewer")
    assert not AuditEntry.objects.filter(object_type="user").exists()


def test_only_the_session_that_changed_it_goes_on(world: World) -> None:
    here, elsewhere = world.client("viewer"), world.client("viewer")
    here.post(PAGE, form("viewer"))
    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


@pytest.mark.parametrize(("sent", "left"), [({}, 2), ({"revoke_tokens": "on"}, 0)])
@pytest.mark.parametrize("page", [PAGE, ""])
def test_the_page_says_how_many_tokens_there_are_and_revokes_them_when_asked(
    world: World, sent: dict[str, str], left: int, page: str
) -> None:
    me = User.objects.get(username="superuser")
    for name in ("ci", "laptop"):
        tokens.issue(me, name, SYSTEM)
    client, values = world.client("superuser"), form("superuser")
    if not page:
        page = f"/admin/auth/user/{me.pk}/change/"
        values = {"username": "superuser", "new_password": PASSWORD, "again": PASSWORD}
    assert "The user has 2 tokens" in client.get(page).content.decode()
    assert client.post(page, values | sent).status_code == 302
    assert ApiToken.objects.count() == left
    me.refresh_from_db()
    assert me.check_password(PASSWORD)


def test_who_has_no_tokens_is_not_asked(world: World) -> None:
    assert "revoke_tokens" not in world.client("viewer").get(PAGE).content.decode()


def test_the_page_has_the_admins_frame_and_leads_to_one_that_says_it_is_done(world: World) -> None:
    client = world.client("viewer", "zh-hans")
    shown = client.get(PAGE)
    assert shown.context["available_apps"] == client.get("/admin/").context["available_apps"]
    assert "旧密码" in shown.content.decode()
    assert client.post(PAGE, form("viewer"), follow=True).status_code == 200


def test_a_stranger_is_led_to_the_log_in_page(db: None) -> None:
    answer = Client().get(PAGE)
    assert answer.headers["Location"] == f"/admin/login/?next={PAGE}"
