"""The default Dify task's page, with what the first old system's home had."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from scheduling.acts import default_task
from scheduling.admin.default_task import refresh_seconds
from scheduling.models import Run, RunStatus, ScheduledTask
from scheduling.tests import make
from tenants.access import SYSTEM
from testing.world import World

CONFIG = {
    "interval_minutes": "30",
    "dify_url": "https://dify.example.com/v1",
    "dify_api_key": "app-0123456789",
}


def url(page: str = "") -> str:
    return reverse(f"admin:scheduling_scheduledtask_default{page}")


def test_looking_makes_no_task(world: World) -> None:
    for page in ("", "live"):
        assert world.client("superuser").get(url(page)).status_code == 200
    assert not ScheduledTask.objects.filter(is_default=True).exists()


def test_settings_are_saved_and_the_key_is_not_shown(world: World) -> None:
    client = world.client("superuser")
    assert client.post(url("config"), CONFIG).status_code == 302
    task = default_task.find()
    assert task is not None
    assert (task.interval_minutes, task.dify_url, task.dify_api_key) == (
        30,
        CONFIG["dify_url"],
        "app-0123456789",
    )
    assert "app-0123456789" not in client.get(url()).content.decode()
    client.post(url("config"), CONFIG | {"dify_api_key": "", "interval_minutes": "45"})
    task.refresh_from_db()
    assert (task.interval_minutes, task.dify_api_key) == (45, "app-0123456789")


def test_what_is_wrong_stands_beside_its_field(world: World) -> None:
    shown = world.client("superuser").post(
        url("config"), CONFIG | {"dify_url": "ftp://x", "interval_minutes": "0"}
    )
    assert {"dify_url", "interval_minutes"} <= set(shown.context["config"].errors)
    assert default_task.find() is None


def test_it_starts_from_a_time_of_its_zone_and_stops(world: World) -> None:
    client = world.client("superuser")
    client.post(url("config"), CONFIG)
    client.post(url("start"), {"start_time": "2026-03-01T08:00"})
    task = default_task.get_or_create(timezone.now())
    assert task.is_enabled
    assert task.last_end_time == datetime(2026, 3, 1, 8, tzinfo=ZoneInfo(task.timezone))
    client.post(url("stop"))
    task.refresh_from_db()
    assert not task.is_enabled


def test_without_a_key_it_does_not_start(world: World) -> None:
    answer = world.client("superuser").post(url("start"), {}, follow=True)
    assert "Enter the address and the API key first." in answer.content.decode()
    assert not default_task.get_or_create(timezone.now()).is_enabled


def test_run_now_makes_a_run_which_the_page_lists(world: World) -> None:
    client = world.client("superuser")
    client.post(url("config"), CONFIG)
    client.post(url("execute"))
    run = Run.objects.get()
    assert run.triggered_by == "superuser"
    assert reverse("admin:scheduling_run_change", args=[run.pk]) in client.get(url("live")).content.decode()


def test_run_now_says_which_window_it_takes_or_what_is_missing(world: World) -> None:
    client = world.client("superuser")
    refused = client.post(url("execute"), follow=True).content.decode()
    assert "Fill in these fields before the task can run: Dify address, Dify API key." in refused
    assert not Run.objects.exists()
    client.post(url("config"), CONFIG)
    shown = client.post(url("execute"), follow=True).content.decode()
    assert "This run takes the window from " in shown


def test_it_lists_as_many_runs_as_is_set(world: World, settings: object) -> None:
    task = default_task.get_or_create(timezone.now())
    for _ in range(12):
        make.run(task)
    shown = world.client("superuser").get(url("live"))
    assert len(shown.context["runs"]) == 10


@pytest.mark.parametrize("page", ["", "live", "config", "start", "stop", "execute"])
@pytest.mark.parametrize("who", ["viewer", "operator", "admin"])
def test_a_global_task_is_the_superusers(world: World, who: str, page: str) -> None:
    client = world.client(who)
    assert client.get(url(page)).status_code == 403
    assert client.post(url(page), CONFIG).status_code == 403
    assert default_task.find() is None


@pytest.mark.parametrize("page", ["config", "start", "stop", "execute"])
def test_nothing_changes_by_get(world: World, page: str) -> None:
    assert world.client("superuser").get(url(page)).status_code == 405
    assert default_task.find() is None


def test_it_is_looked_at_more_often_near_an_execution(world: World) -> None:
    now = timezone.now()
    task = default_task.configure(
        {"dify_url": "https://d.example.com/v1", "dify_api_key": "app-1"}, SYSTEM, now
    )
    assert refresh_seconds(task, [], now) == 30
    task.is_enabled = True
    for ahead, seconds in (
        (timedelta(minutes=10), 30),
        (timedelta(seconds=20), 5),
        (timedelta(seconds=-3), 5),
    ):
        task.next_run_at = now + ahead
        assert refresh_seconds(task, [], now) == seconds
    task.next_run_at = None
    assert refresh_seconds(task, [Run(status=RunStatus.RUNNING)], now) == 5
    assert refresh_seconds(task, [Run(status=RunStatus.SUCCESS)], now) == 30
