"""Every act of every page: who may, whose rows, and only by POST."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from notifications import outbox
from notifications.models import Delivery, DeliveryKind, DeliveryStatus, NotifyChannel, WeComApp
from scheduling.acts import backfills, calendars, data_sources, hooks, runs
from scheduling.lifecycle.failures import count_failure
from scheduling.models import (
    Backfill,
    BasedOn,
    Calendar,
    DataSource,
    FailureGroup,
    FailureState,
    Run,
    RunStatus,
    ScheduledTask,
)
from tenants.access import SYSTEM
from tenants.admin.base import ScopedAdmin
from tenants.admin.post_actions import Act
from tenants.models import AuditEntry, Tenant
from testing.actors import ANN
from testing.world import World, listing, page

MEMBERS = ("viewer", "operator", "admin")
RANK = {role: rank for rank, role in enumerate(MEMBERS)}
SUPERUSERS = {DataSource}
SHOW_A_TOKEN = {"hook", "new_hook"}
BY_THE_SWITCH = {"enable", "disable"}  # which the task's first page has instead of buttons
ASK_FIRST = {"cancel", "resend", "restore", "new_hook", "revoke_hook", "rerun_all"}


def acts() -> Iterator[tuple[type[Model], Act]]:
    for model, registered in admin.site._registry.items():
        if isinstance(registered, ScopedAdmin):
            yield from ((model, act) for act in registered.acts)


ACTS = list(acts())
NAMED = pytest.mark.parametrize(
    ("model", "act"), ACTS, ids=[f"{m._meta.model_name}-{a.name}" for m, a in ACTS]
)


def row(world: World, model: type[Model], act: Act, tenant: Tenant) -> Model:
    """One for which the act makes sense."""
    task = world.task if tenant == world.ours else world.their_task
    channel = world.channel if tenant == world.ours else world.their_channel
    now = timezone.now()
    if model is ScheduledTask:
        kind = "dify" if act.name == "test_connection" else "script"
        ScheduledTask.objects.filter(pk=task.pk).update(
            execution_type=kind, dify_url="http://127.0.0.1:9", is_enabled=act.name != "enable"
        )
        if act.name in ("new_hook", "revoke_hook"):
            hooks.issue(task, SYSTEM)
        return task
    if model is Calendar:
        calendar = Calendar(tenant=tenant, code="shop", based_on=BasedOn.CN_WORKDAY)
        return calendars.create(calendar, SYSTEM)
    if model is Run:
        run = runs.run_now(task, ANN, now)
        Run.objects.filter(pk=run.pk).update(status="success" if act.name == "rerun" else "queued")
        return run
    if model is FailureGroup:
        run = runs.run_now(task, ANN, now)
        run.status, run.error_code = RunStatus.FAILED, "timeout"
        run.save()
        count_failure(run, now)
        FailureGroup.objects.update(
            state=FailureState.RESOLVED if act.name == "reopen" else FailureState.OPEN
        )
        return FailureGroup.objects.get(task=task)
    if model is Backfill:
        return backfills.start(task, now - timedelta(days=5), now - timedelta(days=2), 1, SYSTEM, now)
    if model is NotifyChannel:
        return channel
    if model is WeComApp:
        return WeComApp.objects.create(tenant=tenant, app_name="a", corp_id="c", agent_id=1, corp_secret="s")
    if model is Delivery:
        [delivery] = outbox.enqueue([channel], outbox.OutgoingMessage("x", DeliveryKind.RESULT), now)
        state = DeliveryStatus.FAILED if act.name == "resend" else DeliveryStatus.PENDING
        Delivery.objects.filter(pk=delivery.pk).update(status=state)
        return delivery
    assert model is DataSource, f"no row for the acts of {model}"
    return data_sources.create(DataSource(tenant=tenant, name="s", dsn="sqlite:////nowhere/x.db"), SYSTEM)


def done_by(client: Client, target: Model, act: Act) -> int:
    return client.post(page(target, act.name), {"version": 1}).status_code


@NAMED
@pytest.mark.parametrize("who", MEMBERS)
def test_an_act_is_for_its_role_and_above(world: World, model: type[Model], act: Act, who: str) -> None:
    target = row(world, model, act, world.ours)
    before = AuditEntry.objects.count(), Run.objects.count()
    may = model not in SUPERUSERS and RANK[who] >= RANK[act.role]
    done = 200 if act.name in SHOW_A_TOKEN else 302
    shown = world.client(who).get(page(target, "overview" if model is ScheduledTask else "change"))
    assert (page(target, act.name) in shown.content.decode()) == (
        may and (act.on_page or act.name in BY_THE_SWITCH)
    )
    assert done_by(world.client(who), target, act) == (done if may else 403)
    if not may:
        assert (AuditEntry.objects.count(), Run.objects.count()) == before


@pytest.mark.parametrize(("model", "act"), [(model, act) for model, act in ACTS if act.in_list])
@pytest.mark.parametrize("who", MEMBERS)
def test_a_list_has_the_buttons_that_its_reader_may_press(
    world: World, model: type[Model], act: Act, who: str
) -> None:
    ours, theirs = (row(world, model, act, tenant) for tenant in (world.ours, world.theirs))
    shown = world.client(who).get(listing(model)).content.decode()
    assert (page(ours, act.name) in shown) == (model not in SUPERUSERS and RANK[who] >= RANK[act.role])
    assert page(theirs, act.name) not in shown


@NAMED
@pytest.mark.parametrize("who", MEMBERS)
def test_nobody_acts_on_another_tenants_row(world: World, model: type[Model], act: Act, who: str) -> None:
    target = row(world, model, act, world.theirs)
    before = AuditEntry.objects.count(), Run.objects.count()
    assert done_by(world.client(who), target, act) == 404
    assert (AuditEntry.objects.count(), Run.objects.count()) == before


@NAMED
def test_an_act_is_done_by_post_only(world: World, model: type[Model], act: Act) -> None:
    target = row(world, model, act, world.ours)
    before = AuditEntry.objects.count(), Run.objects.count()
    assert world.client("superuser").get(page(target, act.name)).status_code == 405
    assert (AuditEntry.objects.count(), Run.objects.count()) == before


@NAMED
def test_an_act_needs_a_csrf_token(world: World, model: type[Model], act: Act) -> None:
    client = Client(enforce_csrf_checks=True)
    client.login(username="superuser", password="superuser")
    assert done_by(client, row(world, model, act, world.ours), act) == 403


@NAMED
def test_what_ends_or_repeats_something_asks_first(model: type[Model], act: Act) -> None:
    assert bool(act.confirm) == (act.name in ASK_FIRST)


@pytest.mark.parametrize("who", MEMBERS)
@pytest.mark.parametrize("name", ["versions", "backfill", "cursor"])
def test_a_tasks_other_pages_are_its_tenants(world: World, who: str, name: str) -> None:
    assert world.client(who).get(page(world.their_task, name)).status_code == 404
    needed = {"versions": "viewer", "backfill": "operator", "cursor": "admin"}[name]
    allowed = RANK[who] >= RANK[needed]
    assert world.client(who).get(page(world.task, name)).status_code == (200 if allowed else 403)


def test_an_act_whose_time_has_passed_does_nothing(world: World) -> None:
    run = runs.run_now(world.task, ANN, timezone.now())
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCESS)
    answer = world.client("operator").post(page(run, "cancel"), follow=True)
    assert "nothing was done" in answer.content.decode()
