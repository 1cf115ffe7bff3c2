"""The page of django-celery-beat's periodic tasks takes no row that would come to nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from common import process_registry
from testing.callers import has_chinese
from testing.redis_away import away
from testing.world import World, listing, world

pytestmark = pytest.mark.django_db

ADD = listing(PeriodicTask) + "add/"


@pytest.fixture
def ours() -> World:
    return world()


@pytest.fixture
def client(ours: World) -> Client:
    return ours.client("superuser")


def daily() -> IntervalSchedule:
    return IntervalSchedule.objects.get_or_create(every=1, period="days")[0]


def form(**changes: Any) -> dict[str, Any]:
    values = {"name": "cleanup", "regtask": "", "task": "scheduling.prune", "interval": daily().pk}
    return values | {"args": "[]", "kwargs": "{}", "headers": "{}", "enabled": "on"} | changes


def errors(client: Client, path: str = ADD, **changes: Any) -> dict[str, list[str]]:
    """Nothing where it was saved."""
    answer = client.post(path, form(**changes))
    return {} if answer.status_code == 302 else dict(answer.context["adminform"].form.errors)


def stored(**columns: Any) -> str:
    """The page of a row that stands in the database, whatever it says."""
    row = PeriodicTask.objects.create(name="cleanup", interval=daily(), **columns)
    return f"{listing(PeriodicTask)}{row.pk}/change/"


def test_a_name_that_no_worker_knows_is_refused_with_those_that_they_know(
    ours: World, client: Client
) -> None:
    [error] = errors(client, task="scheduling.prun")["task"]
    assert "scheduling.prune" in error
    assert "notifications.sweep" in error
    assert "celery." not in error
    assert not PeriodicTask.objects.filter(name="cleanup").exists()
    assert has_chinese(errors(ours.client("superuser", "zh-hans"), task="scheduling.prun")["task"][0])


def test_a_name_that_they_know_is_taken_written_or_chosen(client: Client) -> None:
    assert errors(client) == {}
    assert errors(client, name="other", task="", regtask="notifications.sweep") == {}
    assert dict(PeriodicTask.objects.filter(interval__every=1).values_list("name", "task")) == {
        "cleanup": "scheduling.prune",
        "other": "notifications.sweep",
    }


def test_a_row_may_not_be_changed_to_an_unknown_name(client: Client) -> None:
    path = stored(task="scheduling.prune")
    assert set(errors(client, path, task="scheduling.prun")) == {"task"}


def test_a_row_whose_name_is_known_no_more_can_be_switched_off(client: Client) -> None:
    path = stored(task="gone.since")
    assert errors(client, path, task="gone.since", enabled="") == {}
    assert not PeriodicTask.objects.get(name="cleanup").enabled


def test_a_queue_that_no_worker_takes_from_is_refused_with_those_that_they_do(
    ours: World, client: Client
) -> None:
    [error] = errors(client, queue="sripct")["queue"]
    assert "io, notify, script" in error
    assert has_chinese(errors(ours.client("superuser", "zh-hans"), queue="sripct")["queue"][0])
    path = stored(task="scheduling.prune")
    assert set(errors(client, path, queue="sripct")) == {"queue"}


@pytest.mark.parametrize("queue", ["", "script", "io", "notify"])
def test_the_platforms_own_queues_are_taken_before_a_worker_is_up(client: Client, queue: str) -> None:
    assert errors(client, queue=queue) == {}


def test_the_queue_of_a_worker_of_the_operators_own_is_taken(client: Client) -> None:
    process_registry.announce(process_registry.ProcessEntry("worker", "mine", ["reports"], 1))
    assert errors(client, queue="reports") == {}


def test_without_redis_nobody_can_say_which_queues_there_are(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_registry, "client", away)
    assert errors(client, queue="reports") == {}


def test_the_platforms_own_tasks_have_names_in_the_readers_language(ours: World) -> None:
    name = "count the runs of the days that are over"
    assert name in settings.CELERY_BEAT_SCHEDULE
    PeriodicTask.objects.create(name=name, task="scheduling.count_days", interval=daily())
    shown = ours.client("superuser", "zh-hans").get(listing(PeriodicTask)).content.decode()
    assert "统计已结束日期的运行" in shown
