"""A list takes what its filters and our own links ask with; a form and an action what a page sends."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from notifications.models import NotifyChannel
from scheduling.models import Run, ScheduledTask
from tenants.models import ApiToken, AuditEntry, Secret
from testing.world import World, listing, page

WRONG = "?e=1"  # Django shows the list without it
TOO_LONG = "9" * 23


@pytest.fixture
def client(world: World) -> Client:
    return world.client("superuser")


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (ScheduledTask, {"dify_api_key__startswith": "g"}),
        (ScheduledTask, {"task_desc__range": "a"}),
        (ScheduledTask, {"task_desc__regex": "("}),
        (ScheduledTask, {"id__in": TOO_LONG}),
        (User, {"password__startswith": "md5"}),
        (AuditEntry, {"remote_addr": "127.0.0.1"}),
        (PeriodicTask, {"kwargs__contains": "key"}),
    ],
)
def test_no_column_is_asked_for_beside_the_filters(
    client: Client, model: type[ScheduledTask], query: dict[str, str]
) -> None:
    assert client.get(listing(model), query).headers["Location"].endswith(WRONG)


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (Run, {"task__id__exact": TOO_LONG}),
        (Run, {"task__id__exact": "x"}),
        (Run, {"status": "SUCCESS"}),
        (ScheduledTask, {"is_enabled": "NaN"}),
        (ScheduledTask, {"tenant__code__exact": "a" * 4000}),
        (User, {"is_superuser": "\x00"}),
    ],
)
def test_a_filter_takes_what_its_column_can_hold(
    client: Client, model: type[ScheduledTask], query: dict[str, str]
) -> None:
    assert client.get(listing(model), query).headers["Location"].endswith(WRONG)


def test_our_own_links_are_followed(world: World, client: Client) -> None:
    history = reverse("admin:scheduling_scheduledtask_history", args=[world.task.pk])
    assert client.get(history, follow=True).status_code == 200
    assert (
        client.get(listing(Run), {"task__id__exact": str(world.task.pk), "trigger": "backfill"}).status_code
        == 200
    )


def test_an_empty_name_of_a_column_is_none(world: World, client: Client) -> None:
    assert client.get(page(world.task), {"_to_field": ""}).status_code == 200


@pytest.mark.parametrize("ticked", ["x", TOO_LONG, "\x00"])
def test_an_action_takes_what_a_list_has_ticked(client: Client, ticked: str) -> None:
    sent = {"action": "delete_selected", "_selected_action": ticked}
    assert client.post(listing(NotifyChannel), sent).status_code == 400


@pytest.mark.parametrize("chosen", ["x", TOO_LONG, "\x00"])
def test_a_form_is_shown_again_whatever_was_chosen(client: Client, chosen: str) -> None:
    token = client.post(listing(ApiToken) + "add/", {"name": "a", "user": chosen})
    task = client.post(listing(ScheduledTask) + "add/", {"task_name": "a", "notify_channels": chosen})
    assert (token.status_code, task.status_code) == (200, 200)


@pytest.mark.parametrize("model", [ApiToken, Secret, ScheduledTask, NotifyChannel])
def test_a_form_is_shown_again_with_the_tenant_that_was_chosen(
    world: World, client: Client, model: type[Model]
) -> None:
    shown = client.post(listing(model) + "add/", {"tenant": world.ours.code}).content.decode()
    assert re.search(rf'<option value="{world.ours.code}"[^>]* selected', shown)


def test_a_second_filter_that_can_not_be_is_left_out_like_the_first(client: Client) -> None:
    response = client.get(listing(Run) + WRONG + "&status=bogus")
    assert response.headers["Location"].endswith(WRONG)


@pytest.mark.parametrize(
    "sent",
    [
        {"timezone": "Nowhere/At_all"},
        {"schedule_type": "interval"},
        {"schedule_type": "cron", "cron_expression": "x"},
    ],
)
def test_a_saved_task_whose_schedule_is_refused_is_shown_again(
    world: World, client: Client, sent: dict[str, str]
) -> None:
    refused = {
        "task_name": "a",
        "execution_type": "script",
        "schedule_type": "simple",
        "time_points": "08:00",
    }
    assert client.post(page(world.task), refused | sent).status_code == 200


@pytest.mark.parametrize("after", ["9" * 5000, str(2**64), "١"])
def test_the_lines_of_a_run_are_asked_for_after_any_number(world: World, client: Client, after: str) -> None:
    client.post(page(world.task, "run"))
    answer = client.get(page(Run.objects.get(), "live"), {"after": after})
    assert answer.json()["after"] == 0
