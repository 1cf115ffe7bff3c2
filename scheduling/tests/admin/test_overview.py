"""The page that a task opens with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications import alert_marks, outbox
from notifications.models import DeliveryKind
from scheduling.acts import tasks
from scheduling.admin.request_text import run_request
from scheduling.admin.strip import LEVELS, marks
from scheduling.models import Run, RunLine, RunStatus, ScheduledTask, Stream, Trigger
from tenants.access import SYSTEM
from tenants.models import AuditEntry
from testing.world import World, listing, page


def ended(task: ScheduledTask, status: RunStatus, seconds: int, error_code: str = "") -> Run:
    now = timezone.now()
    return Run.objects.create(
        task=task,
        task_name=task.task_name,
        task_version=1,
        execution_type=task.execution_type,
        tenant_id=task.tenant_id,
        trace_id=str(Run.objects.count()),
        trigger=Trigger.SCHEDULE,
        status=status,
        due_at=now,
        not_before=now,
        first_started_at=now,
        duration_ms=seconds * 1000,
        error_code=error_code,
    )


def overview(world: World, who: str = "viewer", language: str = "en") -> str:
    return world.client(who, language).get(page(world.task, "overview")).content.decode()


def test_every_link_to_a_task_leads_to_its_overview(world: World) -> None:
    run = ended(world.task, RunStatus.SUCCESS, 1)
    client = world.client("admin")
    for address in (listing(ScheduledTask), page(run)):
        assert f'href="{page(world.task, "overview")}' in client.get(address).content.decode()


def test_the_overview_of_another_tenants_task_is_not_there(world: World) -> None:
    assert world.client("admin").get(page(world.their_task, "overview")).status_code == 404
    assert (
        world.client("admin").get("/admin/scheduling/scheduledtask/99999999999999999999/").status_code == 404
    )


def test_the_strip_shows_each_run_by_its_length_and_says_why_it_failed(world: World) -> None:
    ended(world.task, RunStatus.SUCCESS, 2)
    failed = ended(world.task, RunStatus.FAILED, 20, "script_error")
    found = marks([failed, Run.objects.earliest("pk")], timezone.now())
    assert [(mark.status, mark.level) for mark in found] == [("success", 1), ("failed", LEVELS)]
    assert "The script raised an exception." in found[1].text
    assert f'href="{page(failed)}"' in overview(world)


def test_a_run_under_way_is_as_long_as_it_has_lasted(world: World) -> None:
    now = timezone.now()
    run = ended(world.task, RunStatus.RUNNING, 0)
    run.duration_ms, run.first_started_at = None, now - timedelta(seconds=30)
    assert [mark.level for mark in marks([ended(world.task, RunStatus.SUCCESS, 60), run], now)] == [5, 10]


def test_the_next_due_times_say_how_far_they_are(world: World) -> None:
    shown = overview(world)
    assert "Every day at 08:00" in shown
    assert shown.count('<span class="quiet">in') == 5
    tasks.update(world.task.pk, lambda task: setattr(task, "is_enabled", False), SYSTEM, timezone.now())
    assert "Nothing is due while the task is disabled." in overview(world)


def test_the_overview_shows_the_latest_log_the_channels_and_open_alerts(world: World) -> None:
    now = timezone.now()
    run = ended(world.task, RunStatus.FAILED, 1)
    RunLine.objects.create(run=run, seq=1, at=now, stream=Stream.STDOUT, text="reading \x1b[1morders\x1b[0m")
    channels = [world.channel.pk, world.their_channel.pk]
    ScheduledTask.objects.filter(pk=world.task.pk).update(notify_channels=channels)
    message = outbox.OutgoingMessage(
        "report", DeliveryKind.RESULT, log_id=run.pk, task_id=world.task.pk, tenant_id="ours"
    )
    outbox.enqueue([world.channel], message, now)
    alert_marks.claim_alert(f"task:{world.task.pk}", "task_failed", now - timedelta(days=3))
    shown = overview(world)
    assert "reading orders" in shown
    assert "our group" in shown
    assert "their group" not in shown
    assert "Task failed: our report" in shown
    alert_marks.close_mark(f"task:{world.task.pk}", "task_failed")
    assert "Task failed: our report" not in overview(world)


def test_an_alert_without_an_end_of_its_own_is_open_for_a_day(world: World) -> None:
    now, subject = timezone.now(), f"task:{world.task.pk}"
    alert_marks.claim_alert(subject, "task_missed", now - timedelta(days=2))
    assert not alert_marks.open_alerts(subject, now)
    alert_marks.claim_alert(subject, "task_missed", now)
    assert [mark.event for mark in alert_marks.open_alerts(subject, now)] == ["task_missed"]


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    client, address = world.client("operator"), page(world.task, "overview")

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as counted:
            client.get(address)
        return len(counted)

    ended(world.task, RunStatus.SUCCESS, 1)
    few = queries()
    for _ in range(40):
        ended(world.task, RunStatus.FAILED, 1)
    assert queries() == few


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("viewer", []),
        ("operator", ["run", "run_with", "disable", "backfill"]),
        ("admin", ["run", "run_with", "disable", "backfill", "duplicate", "hook"]),
    ],
)
def test_each_role_is_offered_what_it_may(world: World, who: str, offered: list[str]) -> None:
    shown = overview(world, who)
    names = ["run", "run_with", "disable", "backfill", "duplicate", "hook", "cursor"]
    assert [name for name in names if f'"{page(world.task, name)}"' in shown] == offered


def test_the_switch_says_what_it_does_and_does_it(world: World) -> None:
    assert "Enabled: the schedule starts it." in overview(world)
    world.client("operator").post(page(world.task, "disable"))
    assert "Disabled: it runs only when somebody starts it." in overview(world)


def test_a_copy_has_the_settings_and_secrets_and_is_disabled(world: World) -> None:
    secret = "https://example.com/hooks/0123456789"
    ScheduledTask.objects.filter(pk=world.task.pk).update(task_name="n" * 100, alert_webhook=secret)
    answer = world.client("admin").post(page(world.task, "duplicate"))
    copy = ScheduledTask.objects.latest("pk")
    assert answer["Location"] == page(copy)
    assert copy.task_name == "n" * 93 + " (copy)"
    assert (copy.script_content, copy.time_points, copy.alert_webhook) == (
        "result = 'done'",
        ["08:00"],
        secret,
    )
    assert (copy.is_enabled, copy.version, copy.tenant_id) == (False, 1, "ours")
    assert AuditEntry.objects.filter(object_id=copy.pk, action="create", username="admin").exists()


def test_a_copy_is_an_administrators(world: World) -> None:
    assert world.client("operator").post(page(world.task, "duplicate")).status_code == 403


def test_the_copied_request_survives_a_shell(world: World) -> None:
    text = run_request(world.task.pk, params={"who": "it's $HOME"})
    assert reverse("api-1:run_task", args=[world.task.pk]) in text
    assert text.endswith("""-d '{"params": {"who": "it'"'"'s $HOME"}}'""")


def test_a_saved_form_leads_to_the_overview(world: World) -> None:
    client = world.client("admin")
    form = client.get(page(world.task)).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, [], {})}
    answer = client.post(page(world.task), sent | {"time_points": "09:00", "input_params": "{}", "_save": ""})
    assert answer["Location"] == page(world.task, "overview")
