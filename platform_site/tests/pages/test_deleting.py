"""Deleting, one by one or many at once: asked first, and only by whom it is for."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from scheduling.acts import calendars
from scheduling.models import Calendar, ScheduledTask, ScriptVar
from tenants.access import SYSTEM
from tenants.admin.base import ReadOnlyAdmin, ScopedAdmin
from tenants.models import ApiToken, Tenant, TenantMember
from testing.every_page import a_row_of_everything
from testing.world import World, listing, page, tenant

PAGES = {model: shown for model, shown in admin.site._registry.items() if isinstance(shown, ScopedAdmin)}
WRITTEN_BY_PEOPLE = [model for model, shown in PAGES.items() if not isinstance(shown, ReadOnlyAdmin)]
DELETED_ALONE = [ScriptVar]  # scripts write them: nothing but this may be done to one
DELETED = pytest.mark.parametrize(
    "model", [*WRITTEN_BY_PEOPLE, *DELETED_ALONE], ids=lambda model: model._meta.model_name
)
IN_BULK = pytest.mark.parametrize("model", WRITTEN_BY_PEOPLE, ids=lambda model: model._meta.model_name)
MAY_NOT = ("viewer", "operator")


@pytest.fixture
def world(world: World) -> World:
    a_row_of_everything(world)
    calendars.create(Calendar(tenant=world.ours, code="shop", name="Shop"), SYSTEM)
    return world


def row(world: World, model: type[Model]) -> Model:
    """Of our tenant, where it has one."""
    if model is ScheduledTask:
        return world.task
    if model is Tenant:
        return tenant("empty", "Nothing is lost with it")
    found = model._default_manager.last()
    assert found, f"no row of {model}"
    return found


def exists(target: Model) -> bool:
    return type(target)._default_manager.filter(pk=target.pk).exists()


def delete(client: Client, *targets: Model, **more: str) -> int:
    chosen = {"action": "delete_selected", "_selected_action": [target.pk for target in targets]}
    return client.post(listing(type(targets[0])), chosen | more).status_code


@DELETED
def test_a_row_is_deleted_after_a_question(world: World, model: type[Model]) -> None:
    client, target = world.client("superuser"), row(world, model)
    assert page(target, "delete") in client.get(page(target)).content.decode()
    assert client.get(page(target, "delete")).status_code == 200
    assert exists(target)
    assert client.post(page(target, "delete"), {"post": "yes"}).status_code == 302
    assert not exists(target)


@IN_BULK
def test_many_rows_are_deleted_after_a_question(world: World, model: type[Model]) -> None:
    client, target = world.client("superuser"), row(world, model)
    assert delete(client, target) == 200
    assert exists(target)
    assert delete(client, target, post="yes") == 302
    assert not exists(target)


@DELETED
@pytest.mark.parametrize("who", MAY_NOT)
def test_who_may_not_delete_has_no_button_and_forges_none(world: World, model: type[Model], who: str) -> None:
    client, target = world.client(who), row(world, model)
    for address in (page(target), listing(model)):
        shown = client.get(address).content.decode()
        assert page(target, "delete") not in shown
        assert model is ApiToken or "delete_selected" not in shown  # everybody has some of their own
    assert client.post(page(target, "delete"), {"post": "yes"}).status_code in (302, 403, 404)
    delete(client, target, post="yes")
    assert exists(target)


def test_an_administrator_deletes_no_row_of_a_tenant_where_only_reading_is_allowed(world: World) -> None:
    TenantMember.objects.create(user=User.objects.get(username="admin"), tenant=world.theirs, role="viewer")
    client = world.client("admin")
    assert page(world.their_task, "overview") in client.get(listing(ScheduledTask)).content.decode()
    assert delete(client, world.task, world.their_task, post="yes") == 403
    assert exists(world.task)
    assert exists(world.their_task)
    assert delete(client, world.task, post="yes") == 302
    assert not exists(world.task)
