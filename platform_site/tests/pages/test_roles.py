"""Who sees and may do what, over all pages."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from scheduling.models import Run, ScheduledTask
from testing.world import World, listing, page

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
MEMBERS = ("viewer", "operator", "admin")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_list_and_form_opens_for_a_superuser(world: World, model: type[Model], language: str) -> None:
    client = world.client("superuser", language)
    pages = [listing(model)]
    if admin.site._registry[model].has_add_permission(client.get("/admin/").wsgi_request):
        pages.append(listing(model) + "add/")
    if row := model._default_manager.first():
        pages.append(page(row))
    for address in pages:
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("who", MEMBERS)
def test_members_see_the_rows_of_their_tenant_only(world: World, who: str) -> None:
    client = world.client(who)
    shown = client.get(listing(ScheduledTask)).content.decode()
    assert world.task.task_name in shown
    assert world.their_task.task_name not in shown
    assert world.global_task.task_name not in shown
    assert world.theirs.name not in shown  # nor does a filter name the other tenant


@pytest.mark.parametrize("who", MEMBERS)
def test_a_row_of_another_tenant_does_not_exist(world: World, who: str) -> None:
    client = world.client(who)
    for row in (world.their_task, world.global_task, world.their_channel, world.theirs):
        assert client.get(page(row)).status_code == 302
        assert row.pk not in [shown.pk for shown in client.get(listing(type(row))).context["cl"].result_list]
    assert client.post(page(world.their_task, "run")).status_code == 404
    assert client.post(page(world.their_channel, "test")).status_code == 404
    assert not Run.objects.exists()


def test_a_viewer_may_look_and_nothing_else(world: World) -> None:
    client = world.client("viewer")
    assert client.get(page(world.task)).status_code == 200
    for address in (
        page(world.task),
        page(world.task, "delete"),
        page(world.task, "run"),
        page(world.task, "disable"),
        page(world.channel, "test"),
        listing(ScheduledTask) + "add/",
    ):
        assert client.post(address, {"post": "yes"}).status_code == 403, address
    assert not Run.objects.exists()


def test_buttons_that_a_viewer_may_not_use_are_absent(world: World) -> None:
    act = page(world.task, "run")
    assert act in world.client("operator").get(page(world.task, "overview")).content.decode()
    assert act in world.client("operator").get(listing(ScheduledTask)).content.decode()
    for address in (page(world.task), page(world.task, "overview"), listing(ScheduledTask)):
        shown = world.client("viewer").get(address).content.decode()
        assert act not in shown
        assert "formaction" not in shown


def test_an_operator_runs_and_switches_but_changes_nothing(world: World) -> None:
    client = world.client("operator")
    assert client.post(page(world.task, "run")).status_code == 302
    assert Run.objects.get().triggered_by == "operator"
    assert client.post(page(world.task, "disable")).status_code == 302
    world.task.refresh_from_db()
    assert world.task.is_enabled is False
    assert client.post(page(world.task), {"task_name": "mine"}).status_code == 403


def test_a_tenants_administrator_sees_its_secrets_page_and_others_do_not(world: World) -> None:
    secrets = reverse("admin:tenants_secret_changelist")
    assert world.client("admin").get(secrets).status_code == 200
    assert world.client("operator").get(secrets).status_code == 403
    assert secrets not in world.client("operator").get("/admin/").content.decode()


@pytest.mark.parametrize("who", MEMBERS)
def test_users_and_celerys_own_pages_are_the_superusers(world: World, who: str) -> None:
    client = world.client(who)
    for name in ("auth_user", "django_celery_beat_periodictask"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403


def test_nothing_changes_by_get(world: World) -> None:
    client = world.client("superuser")
    for row, name in ((world.task, "run"), (world.task, "disable"), (world.channel, "test")):
        assert client.get(page(row, name)).status_code == 405
    assert not Run.objects.exists()


def test_nothing_changes_without_a_csrf_token(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.login(username="superuser", password="superuser")
    assert client.post(page(world.task, "run")).status_code == 403
    assert not Run.objects.exists()


def test_a_new_task_can_only_name_the_members_own_tenant(world: World) -> None:
    client = world.client("admin")
    shown = client.get(listing(ScheduledTask) + "add/").context["adminform"].form
    assert [row.code for row in shown.fields["tenant"].queryset] == ["ours"]
    answer = client.post(listing(ScheduledTask) + "add/", {"tenant": "theirs", "task_name": "x"})
    assert "tenant" in answer.context["adminform"].form.errors
    answer = client.post(listing(ScheduledTask) + "add/", {"tenant": "", "task_name": "x"})
    assert "tenant" in answer.context["adminform"].form.errors


def test_a_user_without_a_tenant_is_told_so(world: World) -> None:
    User.objects.create_user("newcomer", password="newcomer", is_staff=True)
    answer = world.client("newcomer").get("/admin/")
    assert answer.status_code == 200
    assert "not a member of any tenant" in answer.content.decode()
