"""Members, tokens, the audit log."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from tenants import tokens
from tenants.access import SYSTEM
from tenants.models import ApiToken, AuditEntry, Role, TenantMember
from testing.world import World

TOKENS = "/admin/tenants/apitoken/"


def members_form(world: World, *rows: dict[str, Any]) -> dict[str, Any]:
    form = {
        "name": world.ours.name,
        "alert_webhook": "",
        "members-TOTAL_FORMS": len(rows),
        "members-INITIAL_FORMS": sum("id" in row for row in rows),
    }
    for number, row in enumerate(rows):
        form |= {f"members-{number}-{name}": value for name, value in row.items()}
    return form


@pytest.fixture
def tenant_page(world: World) -> str:
    return reverse("admin:tenants_tenant_change", args=[world.ours.pk])


def test_a_tenants_administrator_adds_a_member_by_name(world: World, tenant_page: str) -> None:
    User.objects.create_user("newcomer", is_staff=True)
    form = members_form(world, {"username": "newcomer", "role": "operator"})
    answer = world.client("admin").post(tenant_page, form)
    assert answer.status_code == 302
    assert TenantMember.objects.get(user__username="newcomer").role == Role.OPERATOR
    assert AuditEntry.objects.get(object_type="tenantmember").action == "create"


@pytest.mark.parametrize("name", ["nobody", "viewer"])
def test_strangers_and_members_are_not_added(world: World, tenant_page: str, name: str) -> None:
    form = members_form(world, {"username": name, "role": "admin"})
    answer = world.client("admin").post(tenant_page, form)
    assert answer.status_code == 200
    assert "username" in answer.context["inline_admin_formsets"][0].formset.errors[0]


def test_a_member_is_removed(world: World, tenant_page: str) -> None:
    row = TenantMember.objects.get(user__username="viewer")
    gone = {"id": row.pk, "tenant": "ours", "role": "viewer", "DELETE": "on"}
    answer = world.client("admin").post(tenant_page, members_form(world, gone))
    assert answer.status_code == 302, [f.formset.errors for f in answer.context["inline_admin_formsets"]]
    assert not TenantMember.objects.filter(pk=row.pk).exists()
    assert AuditEntry.objects.get(object_type="tenantmember").action == "delete"


def test_members_are_shown_to_administrators_only(world: World, tenant_page: str) -> None:
    assert "members-TOTAL_FORMS" in world.client("admin").get(tenant_page).content.decode()
    assert "members-TOTAL_FORMS" not in world.client("operator").get(tenant_page).content.decode()


def test_a_wrong_alert_address_is_refused_beside_its_field(world: World, tenant_page: str) -> None:
    answer = world.client("admin").post(
        tenant_page, members_form(world) | {"alert_webhook": "ftp://example.com"}
    )
    assert "alert_webhook" in answer.context["adminform"].form.errors


def test_users_to_make_a_token_for_are_looked_up_not_listed(world: World) -> None:
    assert "autocomplete" in world.client("superuser").get(TOKENS + "add/").content.decode()
    shown = world.client("admin").get(TOKENS + "add/").context["adminform"].form
    assert [user.username for user in shown.fields["user"].queryset] == ["admin"]


def test_a_tenants_limits_are_the_platforms_to_set(world: World, tenant_page: str) -> None:
    world.client("admin").post(tenant_page, members_form(world) | {"max_tasks": "9", "is_enabled": ""})
    world.ours.refresh_from_db()
    assert (world.ours.max_tasks, world.ours.is_enabled) == (None, True)


def test_a_token_is_shown_once_and_works(world: World) -> None:
    user = User.objects.get(username="operator")
    client = world.client("operator")
    answer = client.post(TOKENS + "add/", {"name": "ci", "user": user.pk, "tenant": "ours", "role": "viewer"})
    plain = answer.context["plain"]
    assert f'data-copy="{plain}"' in answer.content.decode()
    row = tokens.find(plain, timezone.now())
    assert row is not None
    assert (row.user, row.role) == (user, Role.VIEWER)
    assert "no-store" in answer.headers["Cache-Control"]
    assert plain not in client.get(TOKENS).content.decode()
    assert plain not in str(AuditEntry.objects.get(object_type="apitoken").changes)


def test_nobody_makes_a_token_for_somebody_else(world: World) -> None:
    boss = User.objects.get(username="superuser")
    answer = world.client("admin").post(TOKENS + "add/", {"name": "theft", "user": boss.pk})
    assert "user" in answer.context["adminform"].form.errors
    assert not ApiToken.objects.exists()


def test_others_tokens_are_not_seen_and_ones_own_can_be_revoked(world: World) -> None:
    mine, _ = tokens.issue(User.objects.get(username="viewer"), "mine", SYSTEM)
    theirs, _ = tokens.issue(User.objects.get(username="admin"), "not mine", SYSTEM)
    client = world.client("viewer")
    assert [row.pk for row in client.get(TOKENS).context["cl"].result_list] == [mine.pk]
    client.post(f"{TOKENS}{theirs.pk}/delete/", {"post": "yes"})
    client.post(f"{TOKENS}{mine.pk}/delete/", {"post": "yes"})
    assert list(ApiToken.objects.all()) == [theirs]


def test_the_audit_log_is_read_only_and_tells_old_and_new(world: World) -> None:
    client = world.client("admin")
    entry = AuditEntry.objects.create(
        username="somebody",
        action="update",
        object_type="scheduledtask",
        object_id="1",
        tenant=world.ours,
        changes={"task_name": ["before", "after"], "time_points": ["[]", "[]"]},
    )
    page = reverse("admin:tenants_auditentry_change", args=[entry.pk])
    shown = client.get(page).content.decode()
    assert "<b>name</b> <del>before</del> <ins>after</ins>" in shown
    assert "time points" not in shown
    assert client.post(page, {"username": "else"}).status_code == 403
    assert client.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_history_leads_to_a_rows_audit_entries(world: World) -> None:
    page = reverse("admin:scheduling_scheduledtask_history", args=[world.task.pk])
    listed = world.client("admin").get(page, follow=True).context["cl"].result_list
    assert {(entry.object_type, entry.object_id) for entry in listed} == {
        ("scheduledtask", str(world.task.pk))
    }


def test_a_role_that_somebody_has_changed_meanwhile_is_not_written_back(
    world: World, tenant_page: str
) -> None:
    User.objects.create_user("newcomer", is_staff=True)
    client, row = world.client("admin"), TenantMember.objects.get(user__username="viewer")
    shown = loaded(client.get(tenant_page), row)
    TenantMember.objects.filter(pk=row.pk).update(role="operator")
    new = {"username": "newcomer", "role": "viewer"}
    answer = client.post(tenant_page, members_form(world, shown, new))
    assert answer.status_code == 302, [f.formset.errors for f in answer.context["inline_admin_formsets"]]
    row.refresh_from_db()
    assert row.role == Role.OPERATOR
    assert [entry.action for entry in AuditEntry.objects.filter(object_type="tenantmember")] == ["create"]


def test_a_role_that_two_change_at_once_is_refused_in_words(world: World, tenant_page: str) -> None:
    client, row = world.client("admin"), TenantMember.objects.get(user__username="viewer")
    shown = loaded(client.get(tenant_page), row)
    TenantMember.objects.filter(pk=row.pk).update(role="operator")
    answer = client.post(tenant_page, members_form(world, shown | {"role": "admin"}))
    assert "role" in answer.context["inline_admin_formsets"][0].formset.errors[0]
    row.refresh_from_db()
    assert row.role == Role.OPERATOR


def test_a_changed_role_is_written_with_what_it_was(world: World, tenant_page: str) -> None:
    client, row = world.client("admin"), TenantMember.objects.get(user__username="viewer")
    shown = loaded(client.get(tenant_page), row)
    assert client.post(tenant_page, members_form(world, shown | {"role": "operator"})).status_code == 302
    row.refresh_from_db()
    assert row.role == Role.OPERATOR
    entry = AuditEntry.objects.get(object_type="tenantmember")
    assert (entry.action, entry.changes) == ("update", {"role": ["viewer", "operator"]})


def loaded(answer: Any, row: TenantMember) -> dict[str, Any]:
    """The member's line as a browser would send it back: what its page really holds."""
    [formset] = answer.context["inline_admin_formsets"]
    [form] = [form for form in formset.formset.initial_forms if form.instance.pk == row.pk]
    name = form.add_prefix("loaded_version")
    [found] = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', answer.content.decode())
    return {"id": row.pk, "tenant": "ours", "role": row.role, "loaded_version": unescape(found)}
