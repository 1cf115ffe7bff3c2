"""The list of failures, a failure's page, and what people do there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from scheduling.acts import failures
from scheduling.admin.failure_labels import bars_of
from scheduling.execution import failed
from scheduling.lifecycle import transitions
from scheduling.models import FailureGroup, Run, ScheduledTask
from scheduling.tests import make
from scheduling.worker.claim import claim
from tenants.access import SYSTEM
from testing.world import World, listing, page

NOISE = "The webhook answered HTTP 502: <b>busy</b>"


def fail(task: ScheduledTask, error: str = NOISE) -> FailureGroup:
    now = timezone.now()
    claimed = claim(make.run(task, now).trace_id, "w", now)
    assert claimed
    transitions.finish(claimed[0], failed("http_status", error), now)
    return FailureGroup.objects.get(last_run_id=claimed[0].pk)


def badge(client: Client) -> str:
    text = client.get(reverse("admin:index")).content.decode()
    return text.partition('class="badge">')[2].partition("<")[0]


def test_the_list_says_what_fails_where_and_how_often(world: World) -> None:
    fail(world.task)
    fail(world.task)
    text = world.client("viewer").get(listing(FailureGroup)).content.decode()
    assert "The webhook returned an error status." in text
    assert "The webhook answered HTTP 502</span>" in text
    assert "our report" in text
    assert "2 in the last 14 days" in text
    assert "&lt;b&gt;busy" in text


def test_others_failures_are_not_shown(world: World) -> None:
    fail(world.their_task)
    client = world.client("admin")
    assert "their report" not in client.get(listing(FailureGroup)).content.decode()
    assert client.get(page(FailureGroup.objects.get())).status_code == 302
    assert badge(client) == ""


def test_the_side_bar_counts_what_is_new_since_one_looked(world: World) -> None:
    client = world.client("operator")
    assert badge(client) == ""
    fail(world.task)
    other = fail(world.task, "HTTP 404")
    assert badge(client) == "2"
    client.get(listing(FailureGroup))
    assert badge(client) == ""
    fail(world.task)
    assert badge(client) == ""
    failures.resolve(other, SYSTEM, timezone.now())
    fail(world.task, "HTTP 404")
    assert badge(client) == "1"


def test_one_click_runs_all_again(world: World) -> None:
    group = fail(world.task)
    fail(world.task)
    client = world.client("operator")
    answer = client.post(page(group, "rerun_all"), follow=True)
    assert "2 runs were started again." in answer.content.decode()
    assert Run.objects.filter(trigger="rerun").count() == 2
    assert "already been run again" in client.post(page(group, "rerun_all"), follow=True).content.decode()


def test_it_is_resolved_and_opened_again(world: World) -> None:
    group, client = fail(world.task), world.client("operator")
    client.post(page(group, "resolve"))
    group.refresh_from_db()
    assert (group.state, group.decided_by) == ("resolved", "operator")
    client.post(page(group, "reopen"))
    group.refresh_from_db()
    assert group.state == "open"


@pytest.mark.parametrize(("hours", "days"), [("24", 1), ("168", 7), ("", None)])
def test_it_is_muted_with_a_reason(world: World, hours: str, days: int | None) -> None:
    group, client = fail(world.task), world.client("operator")
    answer = client.post(page(group, "mute"), {"hours": hours, "reason": "They migrate."}, follow=True)
    group.refresh_from_db()
    assert (group.state, group.reason) == ("muted", "They migrate.")
    until = group.muted_until and (group.muted_until - timezone.now()).total_seconds() / 86400
    assert until == (days and pytest.approx(days, abs=0.1))
    assert "They migrate." in answer.content.decode()


def test_who_may_only_look_has_no_buttons(world: World) -> None:
    group, client = fail(world.task), world.client("viewer")
    assert "formaction" not in client.get(listing(FailureGroup)).content.decode()
    assert page(group, "mute") not in client.get(page(group)).content.decode()
    for act in ("rerun_all", "resolve", "mute"):
        assert client.post(page(group, act), {"hours": "1"}).status_code == 403


def test_its_page_shows_its_runs_alone(world: World) -> None:
    group = fail(world.task)
    other = fail(world.task, "HTTP 404")
    text = world.client("viewer").get(page(group)).content.decode()
    assert f">#{group.last_run_id}</a>" in text
    assert f">#{other.last_run_id}</a>" not in text


def test_the_picture_has_a_bar_for_each_day() -> None:
    now = datetime(2026, 12, 1, 8, tzinfo=UTC)
    bars = bars_of({"2026-12-01": 4.0, "2026-11-30": 1, "2026-11-01": 9}, now)
    assert [bar.count for bar in bars] == [0] * 12 + [1, 4]
    assert [bar.height for bar in bars][-3:] == [1, 5, 20]
    assert all(bar.y + bar.height == 20 for bar in bars)


def test_the_list_reads_no_run_and_asks_as_much_for_many_as_for_one(world: World) -> None:
    client = world.client("operator")

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(listing(FailureGroup)).status_code == 200
        return [query["sql"] for query in queries]

    fail(world.task)
    asked()
    of_one = asked()
    assert not [sql for sql in of_one if Run._meta.db_table in sql]
    for status in (400, 404, 500, 503):
        fail(world.task, f"HTTP {status}")
    assert len(asked()) == len(of_one)
