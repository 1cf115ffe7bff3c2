"""A run's page: live lines, cancel, rerun, deliveries."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications.models import Delivery, DeliveryKind, DeliveryStatus
from scheduling.acts import runs
from scheduling.admin.request_text import rerun_request
from scheduling.admin.run_pages import page as run_page
from scheduling.admin.run_pages import parts as run_parts
from scheduling.models import Run, RunLine, RunStatus, Stream
from scheduling.tests.admin.test_timeline import span
from tenants.models import AuditEntry
from testing.actors import ANN
from testing.world import World


@pytest.fixture
def run(world: World) -> Run:
    return runs.run_now(world.task, ANN, timezone.now(), params={"city": "上海"})


def test_of_an_incomplete_task_none_is_run_again(world: World, run: Run) -> None:
    Run.objects.update(status=RunStatus.FAILED)
    type(world.task).objects.filter(pk=world.task.pk).update(is_enabled=False, script_content="")
    answer = world.client("operator").post(url(run, "rerun"), follow=True)
    assert "Fill in these fields before the task can run: script" in answer.content.decode()
    assert Run.objects.get() == run


def url(run: Run, name: str = "change") -> str:
    return reverse(f"admin:scheduling_run_{name}", args=[run.pk])


def write(run: Run, *texts: str) -> None:
    first = RunLine.objects.filter(run=run).count() + 1
    for seq, text in enumerate(texts, first):
        RunLine.objects.create(run=run, seq=seq, at=timezone.now(), stream=Stream.STDOUT, text=text)


def live(client: Client, run: Run, after: int = 0) -> Any:
    return client.get(url(run, "live"), {"after": after}).json()


def test_lines_are_handed_out_from_where_the_reader_stands(world: World, run: Run) -> None:
    client = world.client("viewer")
    write(run, "one", "\x1b[31mtwo\x1b[0m")
    assert [line[3] for line in live(client, run)["lines"]] == ["one", "\x1b[31mtwo\x1b[0m"]
    write(run, "three")
    assert [line[2:] for line in live(client, run, 2)["lines"]] == [["stdout", "three"]]
    assert (live(client, run, 3)["lines"], live(client, run, 3)["after"]) == ([], 3)


def test_while_there_are_more_lines_the_parts_are_not_made(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_page, "LINES_AT_ONCE", 2)
    write(run, "one", "two", "three")
    first = live(world.client("viewer"), run)
    assert (first["has_more"], "parts" in first) == (True, False)
    last = live(world.client("viewer"), run, first["after"])
    assert (last["has_more"], last["parts"].keys()) == (False, set(run_parts.PARTS))


def test_a_page_is_open_until_the_run_and_its_messages_have_ended(world: World, run: Run) -> None:
    client = world.client("viewer")
    assert live(client, run)["is_open"]
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCESS)
    assert not live(client, run)["is_open"]
    message = deliver(world, run)
    shown = live(client, run)
    assert shown["is_open"]
    assert "pending" in shown["parts"]["messages"]
    Delivery.objects.filter(pk=message.pk).update(status=DeliveryStatus.SENT, sent_at=timezone.now())
    shown = live(client, run)
    assert not shown["is_open"]
    assert "The service has accepted the message." in shown["parts"]["messages"]


def test_status_attempt_worker_and_start_are_those_of_now(world: World, run: Run) -> None:
    client, now = world.client("viewer"), timezone.now()
    assert "queued" in live(client, run)["parts"]["head"]
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.RUNNING, attempt=1, worker="script1@host", started_at=now, first_started_at=now
    )
    head = live(client, run)["parts"]["head"]
    for shown in ("running", "script1@host", "1 / 1", "Started"):
        assert shown in head


def test_a_pause_before_a_retry_says_which_attempt_comes_when(world: World, run: Run) -> None:
    now = timezone.now()
    type(world.task).objects.filter(pk=world.task.pk).update(retry_count=2)
    Run.objects.filter(pk=run.pk).update(
        attempt=1, error="down", error_code="connect_error", not_before=now + timedelta(minutes=2, seconds=30)
    )
    trouble = live(world.client("viewer"), run)["parts"]["trouble"]
    assert "Attempt 2 of 3 begins in 2 min" in trouble
    assert '<pre class="code traceback" tabindex="0">down</pre>' in trouble


def test_an_error_leads_to_the_line_of_the_script(world: World, run: Run) -> None:
    client = world.client("viewer")
    error = 'Traceback (most recent call last):\n  File "script.py", line 1, in <module>\nKeyError: 1'
    Run.objects.filter(pk=run.pk).update(status=RunStatus.FAILED, error=error, error_code="script_error")
    assert f"{url(run, 'script')}#line-1" in client.get(url(run)).content.decode()
    assert 'id="line-1"' in client.get(url(run, "script")).content.decode()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ('  File "script.py", line 3, in a\n  File "script.py", line 12, in b\nKeyError', 12),
        ("line 2, column 7: invalid syntax", 2),
        ("The webhook answered HTTP 502.", None),
        ("outline 2, column 7", None),
    ],
)
def test_the_innermost_line_of_the_script_is_the_one_that_failed(error: str, line: int | None) -> None:
    assert run_parts.failed_line(error) == line


def test_a_task_that_is_no_script_has_none_to_show(world: World, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(task_version=99)
    assert world.client("viewer").get(url(run, "script")).status_code == 404


def test_the_log_is_a_text_file_without_colours(world: World, run: Run) -> None:
    write(run, "one", "\x1b[31mtwo\x1b[0m")
    answer = world.client("viewer").get(url(run, "log"))
    assert answer.content == b"one\ntwo"
    assert answer["Content-Disposition"] == f'attachment; filename="run-{run.pk}.log"'


def test_the_request_to_copy_asks_for_the_same_run(world: World, run: Run) -> None:
    end = datetime(2026, 3, 2, tzinfo=UTC)
    run.params, run.window_start, run.window_end = {"city": "it's"}, end - timedelta(days=1), end
    words = shlex.split(rerun_request(run))
    assert words[3].endswith(f"/api/scheduled-tasks/{run.task_id}/run")
    assert json.loads(words[-1]) == {
        "params": {"city": "it's"},
        "replace_params": True,
        "window_start": "2026-03-01T00:00:00+00:00",
        "window_end": "2026-03-02T00:00:00+00:00",
    }


def test_a_longer_page_asks_no_more_often(world: World, run: Run) -> None:
    client = world.client("viewer")
    with CaptureQueriesContext(connection) as few:
        live(client, run)
    write(run, *(["line"] * 30))
    for _ in range(5):
        deliver(world, run)
    with CaptureQueriesContext(connection) as many:
        live(client, run)
    assert len(many) == len(few)


def test_a_dify_runs_nodes_are_drawn_while_it_goes_on(world: World, run: Run) -> None:
    client = world.client("viewer")
    spans = [span("LLM <1>", 0, 2), span("Code", 2, None, status="running")]
    row = Run.objects.filter(pk=run.pk)
    row.update(
        execution_type="dify",
        status=RunStatus.RUNNING,
        started_at=timezone.now() - timedelta(hours=1),
        timeline={"spans": spans, "left_out": 0},
    )
    drawn = live(client, run)["parts"]["timeline"]
    assert "LLM &lt;1&gt;" in drawn
    assert '<td class="amount">running</td>' in drawn
    row.update(status=RunStatus.SUCCESS)
    assert "no end reported" in live(client, run)["parts"]["timeline"]


@pytest.mark.parametrize("after", ["", "-1", "x", "٣", "9" * 30])
def test_a_forged_position_is_no_fault(world: World, run: Run, after: str) -> None:
    assert world.client("viewer").get(url(run, "live"), {"after": after}).status_code == 200


def test_lines_of_another_tenants_run_do_not_exist(world: World) -> None:
    run = runs.run_now(world.their_task, ANN, timezone.now())
    assert world.client("admin").get(url(run, "live")).status_code == 404


def test_the_page_shows_lines_parameters_and_deliveries(world: World, run: Run) -> None:
    write(run, "<b>written by the script</b>")
    Delivery.objects.filter(pk=deliver(world, run).pk).update(errmsg="said by the service")
    client = world.client("viewer")
    shown = client.get(url(run)).content.decode()
    assert live(client, run)["lines"][0][3] == "<b>written by the script</b>"
    assert "上海" in shown
    assert "said by the service" in shown


def deliver(world: World, run: Run) -> Delivery:
    return Delivery.objects.create(
        log_id=run.pk,
        tenant=world.ours,
        channel=world.channel,
        channel_type="dingtalk_bot",
        kind=DeliveryKind.RESULT,
        next_attempt_at=timezone.now(),
    )


def test_cancel_ends_a_queued_run_and_is_audited(world: World, run: Run) -> None:
    world.client("operator").post(url(run, "cancel"))
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELED
    assert AuditEntry.objects.get(object_type="run").action == "cancel"


def test_a_run_that_has_ended_is_not_canceled(world: World, run: Run) -> None:
    client = world.client("operator")
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCESS)
    assert url(run, "cancel") not in client.get(url(run)).content.decode()
    client.post(url(run, "cancel"))
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCESS


def test_a_rerun_takes_the_same_parameters(world: World, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status=RunStatus.FAILED)
    answer = world.client("operator").post(url(run, "rerun"))
    again = Run.objects.exclude(pk=run.pk).get()
    assert answer["Location"] == url(again)
    assert (again.params, again.triggered_by) == ({"city": "上海"}, "operator")


def test_a_run_is_found_by_its_trace_id(world: World, run: Run) -> None:
    listing = reverse("admin:scheduling_run_changelist")
    runs.run_now(world.task, ANN, timezone.now())
    [found] = world.client("viewer").get(listing, {"q": run.trace_id}).context["cl"].result_list
    assert found.pk == run.pk


def test_the_list_counts_no_further_than_ten_thousand(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.run_now(world.task, ANN, timezone.now() + timedelta(seconds=1))
    monkeypatch.setattr("tenants.admin.pages.MAX_COUNTED", 1)
    answer = world.client("viewer").get(reverse("admin:scheduling_run_changelist"))
    assert answer.context["cl"].result_count == 1
