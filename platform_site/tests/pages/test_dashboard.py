"""The first page's numbers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import redis
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common import process_registry
from common.process_registry import ProcessEntry
from notifications.models import Delivery, NotifyChannel
from platform_site.observability import stats
from platform_site.pages import dashboard
from platform_site.pages.first_steps import first_steps
from scheduling.acts import runs
from scheduling.beat import daily_counts
from scheduling.models import Run, RunStatus, ScheduledTask, Trigger
from tenants.access import SYSTEM, Actor
from tenants.admin.reader_zone import COOKIE
from testing.actors import ANN
from testing.world import World
from testing.world import task as new_task

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MEMBER = Actor("viewer", 1, everything=False, roles={"ours": "viewer"})


def ran(task: ScheduledTask, at: datetime, status: RunStatus) -> Run:
    run = runs.run_now(task, ANN, at)
    Run.objects.filter(pk=run.pk).update(status=status)
    return run


def test_today_counts_runs_since_local_midnight(world: World) -> None:
    midnight = NOW.replace(hour=0)
    ran(world.task, midnight, RunStatus.SUCCESS)
    ran(world.task, midnight - timedelta(seconds=1), RunStatus.SUCCESS)
    ran(world.task, NOW, RunStatus.FAILED)
    ran(world.task, NOW + timedelta(seconds=5), RunStatus.QUEUED)  # a retry, or written ahead of its time
    found = stats.today(SYSTEM, NOW)
    assert (found.total, found.success, found.failed, found.queued) == (2, 1, 1, 0)


def test_a_member_counts_its_tenants_runs_only(world: World) -> None:
    ran(world.task, NOW, RunStatus.SUCCESS)
    ran(world.their_task, NOW, RunStatus.SUCCESS)
    ran(world.global_task, NOW, RunStatus.SUCCESS)
    assert stats.today(MEMBER, NOW).total == 1
    assert stats.today(SYSTEM, NOW).total == 3


def test_fourteen_days_end_with_today(world: World) -> None:
    ran(world.task, NOW, RunStatus.SUCCESS)
    ran(world.task, NOW - timedelta(days=13), RunStatus.FAILED)
    ran(world.task, NOW - timedelta(days=14), RunStatus.FAILED)
    shown = stats.daily(SYSTEM, NOW)
    assert [day.date.day for day in shown] == [25, 26, 27, 28, *range(1, 11)]
    assert (shown[-1].success, shown[0].failed, sum(day.failed for day in shown)) == (1, 1, 1)


def test_a_reader_elsewhere_sees_the_days_that_beat_has_counted(world: World) -> None:
    yesterday = NOW - timedelta(days=1)
    ran(world.task, yesterday.replace(hour=1), RunStatus.SUCCESS)
    ran(world.task, NOW.replace(hour=1), RunStatus.FAILED)
    client = world.client("superuser")
    client.cookies[COOKIE] = "America/New_York"
    with time_machine.travel(NOW, tick=False):
        daily_counts.recount(NOW)
        page = client.get("/admin/")
    shown = [(day["date"], day["success"], day["failed"]) for day in page.context["days"]]
    assert shown[-2:] == [(daily_counts.midnight(yesterday), 1, 0), (daily_counts.midnight(NOW), 0, 1)]
    assert (page.context["today"].success, page.context["today"].failed) == (0, 1)
    of_day = "/admin/scheduling/run/?day=2026-03-10&amp;status="
    assert f'{of_day}success">0</a>' in page.content.decode()
    assert f'{of_day}failed">1</a>' in page.content.decode()


@pytest.mark.parametrize(("success", "failed", "rate"), [(3, 1, 75.0), (0, 2, 0.0), (0, 0, None)])
def test_the_success_rate_is_of_runs_that_ended(success: int, failed: int, rate: float | None) -> None:
    assert stats.success_rate([stats.Day(NOW, success, failed)]) == rate


def test_each_day_tells_how_its_runs_ended(world: World) -> None:
    for status in (RunStatus.SUCCESS, RunStatus.SUCCESS, *(s for s in RunStatus if s != RunStatus.SUCCESS)):
        ran(world.task, NOW, status)
    shown = stats.daily(SYSTEM, NOW)
    assert (shown[-1].success, shown[-1].failed) == (2, 1)
    assert stats.without_end(SYSTEM, shown)[-1] == {"missed": 1, "skipped": 1, "canceled": 1}
    assert stats.without_end(SYSTEM, shown)[0] == {"missed": 0, "skipped": 0, "canceled": 0}


def due(task: ScheduledTask, at: datetime, late: timedelta) -> None:
    run = runs.run_now(task, ANN, at)
    Run.objects.filter(pk=run.pk).update(trigger=Trigger.SCHEDULE, due_at=at, first_started_at=at + late)


def test_lateness_is_told_for_each_of_the_last_24_hours(world: World) -> None:
    second = timedelta(seconds=1)
    due(world.task, NOW - timedelta(minutes=1), 2 * second)
    due(world.task, NOW - timedelta(minutes=2), 4 * second)
    due(world.task, NOW, second)
    due(world.their_task, NOW, 9 * second)
    due(world.task, NOW - timedelta(days=1), second)  # of the hour before the first
    hours = stats.hourly_lateness(MEMBER, NOW)
    assert (hours[0].begin, hours[-1].begin) == (NOW - timedelta(hours=23), NOW)
    assert (hours[-1].p50, hours[-2].p50) == (1000, 2000)
    assert [hour for hour in hours[:-2] if hour.p50 is not None] == []


def test_the_picture_of_what_comes_holds_every_due_time_of_a_day(world: World) -> None:
    first = NOW.replace(hour=20)
    row = new_task(world.ours, "twice")
    ScheduledTask.objects.filter(pk=row.pk).update(time_points=["09:00", "20:00"], next_run_at=first)
    row.refresh_from_db()
    drawn = dashboard.picture([(row, "Every day")], NOW)
    assert drawn["to"] - drawn["from"] == timedelta(hours=24)
    [shown] = drawn["tasks"]
    assert shown["at"] == [first, first + timedelta(hours=13)]


def test_a_schedule_that_cannot_be_read_shows_when_its_row_is_due(world: World) -> None:
    world.task.next_run_at, world.task.schedule_type, world.task.cron_expression = NOW, "cron", "nonsense"
    [shown] = dashboard.picture([(world.task, "")], NOW)["tasks"]
    assert shown["at"] == [NOW]


def test_waiting_runs_are_counted_by_kind_once_they_could_start(world: World) -> None:
    runs.run_now(world.task, ANN, NOW)
    runs.run_now(world.task, ANN, NOW + timedelta(minutes=1))
    assert stats.queue_depth(SYSTEM, NOW) == {"dify": 0, "webhook": 0, "script": 1, "notify": 0}


def test_the_longest_wait_is_that_of_a_run_and_of_a_message_that_could_go(world: World) -> None:
    assert dashboard.longest_waiting(MEMBER, NOW) == {}
    oldest = runs.run_now(world.task, ANN, NOW - timedelta(minutes=3))
    runs.run_now(world.task, ANN, NOW - timedelta(minutes=1))
    runs.run_now(world.their_task, ANN, NOW - timedelta(minutes=9))
    message = waiting_message(world, NOW - timedelta(hours=2, minutes=5))
    waiting_message(world, NOW + timedelta(minutes=1))
    assert dashboard.longest_waiting(MEMBER, NOW) == {
        "run": (oldest, "3 min 0 s"),
        "delivery": (message, "2 h 5 min"),
    }


def waiting_message(world: World, at: datetime) -> Delivery:
    return Delivery.objects.create(
        tenant=world.ours, channel=world.channel, kind="result", robot="r", msg_uuid="u", next_attempt_at=at
    )


def test_first_steps_are_listed_until_a_message_has_arrived(world: World) -> None:
    assert [step.is_done for step in first_steps(MEMBER)] == [True, True, False]
    NotifyChannel.objects.filter(pk=world.their_channel.pk).update(last_ok_at=NOW)
    ScheduledTask.objects.all().delete()
    assert [step.is_done for step in first_steps(MEMBER)] == [True, False, False]
    assert "First steps" in world.client("admin").get("/admin/").content.decode()
    assert "First steps" not in world.client("viewer").get("/admin/").content.decode()
    NotifyChannel.objects.filter(pk=world.channel.pk).update(last_ok_at=NOW)
    assert first_steps(MEMBER) == []


def test_every_link_leads_somewhere(world: World) -> None:
    for status in RunStatus:
        ran(world.task, timezone.now(), status)
    waiting_message(world, timezone.now())
    client = world.client("viewer")
    content = client.get("/admin/").content.decode().partition('id="dashboard-now"')[2]
    links = {unescape(link) for link in re.findall(r'href="(/admin/[^"]*)"', content)}
    assert {urlsplit(link).query for link in links} >= {"status=running", "status=pending"}
    assert {link: code for link in links if (code := client.get(link).status_code) != 200} == {}


def test_queries_do_not_grow_with_what_is_shown(world: World) -> None:
    client = world.client("viewer")
    ran(world.task, timezone.now(), RunStatus.FAILED)
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/")
    for number in range(5):
        ran(new_task(world.ours, f"task {number}"), timezone.now(), RunStatus.FAILED)
    with CaptureQueriesContext(connection) as many:
        client.get("/admin/")
    assert len(many) == len(few)


def test_what_comes_next_is_within_a_day_and_in_order(world: World) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(next_run_at=NOW + timedelta(hours=2))
    ScheduledTask.objects.filter(pk=world.their_task.pk).update(next_run_at=NOW + timedelta(hours=1))
    ScheduledTask.objects.filter(pk=world.global_task.pk).update(next_run_at=NOW + timedelta(hours=25))
    assert stats.coming(SYSTEM, NOW, 5) == [world.their_task, world.task]


def test_processes_are_shown_as_they_announce_themselves(world: World) -> None:
    process_registry.announce(ProcessEntry("beat", "b1", [], 0))
    process_registry.announce(ProcessEntry("worker", "io@h", ["io"], 32))
    process_registry.announce(ProcessEntry("worker", "notify@h", ["notify"], 8))
    for process in ("io@h:7", "io@h:8", "script@h:9"):
        run = runs.run_now(world.task, ANN, NOW)
        Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, worker=process)
    [beat], workers = process_registry.living("beat"), process_registry.living("worker")
    found = dashboard.processes(beat.at + 3)
    assert found.beats == [("b1", 3)]
    assert found.workers == [dashboard.Load(workers[0], 2), dashboard.Load(workers[1], None)]
    assert "2 of 32 slots busy" in world.client("superuser").get("/admin/").content.decode()


def test_without_redis_the_page_says_so_and_opens(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(role: str) -> Any:
        raise redis.ConnectionError("no route to redis")

    monkeypatch.setattr(process_registry, "living", away)
    answer = world.client("superuser").get("/admin/")
    assert "no route to redis" in answer.content.decode()
