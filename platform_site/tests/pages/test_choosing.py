"""What a form's select finds by searching: rows that the form would take, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import ForeignKey, Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notifications.models import NotifyChannel, WeComApp
from scheduling.models import Calendar, DataSource, ScheduledTask
from tenants.admin.related_search import PAGE_SIZE, ChoosingAdmin
from tenants.models import ApiToken, Role, Secret, TenantConfig, TenantMember
from testing.world import World, channel, listing, page, tenant

OWNED: list[type[Model]] = [
    ScheduledTask,
    NotifyChannel,
    WeComApp,
    Secret,
    TenantConfig,
    Calendar,
    DataSource,
    ApiToken,
]
CHANNELS = (ScheduledTask, "notify_channels")


def address(model: type[Model], column: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_choose", args=[column])


def offered(client: Client, model: type[Model], column: str, **query: Any) -> list[str]:
    return [one["text"] for one in client.get(address(model, column), query).json()["results"]]


@pytest.fixture
def apps(world: World) -> tuple[WeComApp, WeComApp]:
    ours, theirs = (
        WeComApp.objects.create(tenant=owner, app_name=name, corp_id="c", agent_id=1, corp_secret="s")
        for owner, name in ((world.ours, "our app"), (world.theirs, "their app"))
    )
    return ours, theirs


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)
def test_a_member_is_offered_no_tenant_of_others(world: World, model: type[Model]) -> None:
    client = world.client("admin")
    if client.get(listing(model) + "add/").status_code == 200:
        assert offered(client, model, "tenant") == ["Our team"]
        assert offered(client, model, "tenant", term="their") == []
    else:
        assert client.get(address(model, "tenant")).status_code == 403


def test_a_member_is_offered_no_channel_app_or_user_of_others(
    world: World, apps: tuple[WeComApp, WeComApp]
) -> None:
    client = world.client("admin")
    assert offered(client, *CHANNELS) == ["our group"]
    assert offered(client, *CHANNELS, tenant="theirs") == []
    assert offered(client, ScheduledTask, "notify_wecom_app") == ["our app"]
    assert offered(client, ApiToken, "user") == ["admin"]


@pytest.mark.parametrize("who", ["viewer", "operator"])
def test_who_may_not_change_a_form_is_offered_nothing(world: World, who: str) -> None:
    client = world.client(who)
    for model, column in (CHANNELS, (ScheduledTask, "tenant"), (Secret, "tenant")):
        assert client.get(address(model, column)).status_code == 403


def test_only_tenants_that_one_administers_are_offered_for_a_task(world: World) -> None:
    """Its form would refuse the others."""
    member = User.objects.get(username="admin")
    TenantMember.objects.create(user=member, tenant=world.theirs, role=Role.VIEWER)
    client = world.client("admin")
    assert offered(client, ScheduledTask, "tenant") == ["Our team"]
    assert offered(client, *CHANNELS) == ["our group · Our team"]
    assert offered(client, ApiToken, "tenant") == ["Our team", "Their team"]


def test_a_superuser_tells_tenants_rows_apart_and_finds_them_by_words(world: World) -> None:
    client = world.client("superuser")
    assert offered(client, *CHANNELS) == ["our group · Our team", "their group · Their team"]
    assert offered(client, *CHANNELS, term="their") == ["their group · Their team"]
    assert offered(client, *CHANNELS, tenant="theirs") == ["their group"]
    assert offered(client, ApiToken, "user", term="view") == ["viewer"]
    found = client.get(address(Secret, "tenant"), {"term": "their"}).json()["results"]
    assert found == [{"id": "theirs", "text": "Their team"}]


def test_many_come_in_pages(world: World) -> None:
    for number in range(PAGE_SIZE):
        channel(world.ours, f"group {number}")
    client = world.client("admin")
    first, second = (client.get(address(*CHANNELS), {"page": number}).json() for number in (1, 2))
    assert (len(first["results"]), first["pagination"]["more"]) == (PAGE_SIZE, True)
    assert (len(second["results"]), second["pagination"]["more"]) == (1, False)


@pytest.mark.parametrize("column", ["nothing", "task_name", "runs", "pk", "backfills"])
def test_a_column_that_holds_no_relation_offers_nothing(world: World, column: str) -> None:
    assert world.client("superuser").get(address(ScheduledTask, column)).status_code == 404


def test_no_form_names_rows_that_are_not_chosen(world: World) -> None:
    """Whatever grows with the platform is searched for."""
    for number in range(3):
        tenant(f"other{number}", f"Other team {number}")
        channel(world.theirs, f"other group {number}")
    client = world.client("superuser")
    request = client.get("/admin/").wsgi_request
    for model, pages in admin.site._registry.items():
        if pages.has_add_permission(request):
            shown = client.get(listing(model) + "add/").content.decode()
            assert "Other team" not in shown, model
            assert "other group" not in shown, model


def test_every_relation_of_a_form_is_searched_for(world: World) -> None:
    client = world.client("superuser")
    for model, pages in admin.site._registry.items():
        request = client.get("/admin/").wsgi_request
        if not isinstance(pages, ChoosingAdmin) or not pages.has_add_permission(request):
            continue
        form = client.get(listing(model) + "add/").context["adminform"].form
        relations = {one.name for one in model._meta.get_fields() if isinstance(one, ForeignKey)}
        for name in relations & {*form.fields}:
            assert client.get(address(model, name)).status_code == 200, (model, name)


def test_a_tasks_form_offers_and_shows_its_own_tenants_channels(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(notify_channels=[world.channel.pk])
    shown = world.client("superuser").get(page(world.task)).content.decode()
    assert f'<option value="{world.channel.pk}" selected>our group</option>' in shown
    assert address(*CHANNELS) + "?tenant=ours" in shown
    assert "their group" not in shown


def test_a_form_asks_no_more_often_where_there_are_more_rows(world: World) -> None:
    client = world.client("superuser")
    with CaptureQueriesContext(connection) as few:
        client.get(listing(ScheduledTask) + "add/")
    for number in range(5):
        channel(tenant(f"other{number}", f"Other team {number}"), "group")
    with CaptureQueriesContext(connection) as many:
        client.get(listing(ScheduledTask) + "add/")
    assert len(many) <= len(few)


@pytest.mark.parametrize("who", ["viewer", "admin"])
def test_a_lists_filter_finds_and_names_no_row_of_others(world: World, who: str) -> None:
    client = world.client(who)
    query = {"app_label": "scheduling", "model_name": "run", "field_name": "tenant", "term": ""}
    found = client.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [one["text"] for one in found] == ["Our team"]
    forged = client.get(listing(ScheduledTask), {"tenant__code__exact": "theirs"})
    assert "Their team" not in forged.content.decode()
    assert {row.tenant_id for row in forged.context["cl"].result_list} <= {"ours"}


def test_a_list_is_filtered_by_tenant(world: World) -> None:
    client = world.client("superuser")
    shown = client.get(listing(ScheduledTask), {"tenant__code__exact": "theirs"})
    assert [row.task_name for row in shown.context["cl"].result_list] == ["their report"]
    assert '<option value="theirs" selected>Their team</option>' in shown.content.decode()


def test_who_has_one_tenant_is_asked_for_none(world: World) -> None:
    assert "tenant__code__exact" not in world.client("viewer").get(listing(ScheduledTask)).content.decode()


def test_the_only_tenant_is_chosen_already(world: World) -> None:
    def chosen() -> Any:
        shown = world.client("superuser").get(listing(ScheduledTask) + "add/")
        return shown.context["adminform"].form["tenant"].value()

    assert chosen() is None
    ScheduledTask.objects.filter(tenant=world.theirs).delete()
    NotifyChannel.objects.filter(tenant=world.theirs).delete()
    world.theirs.delete()
    assert chosen() == "ours"
