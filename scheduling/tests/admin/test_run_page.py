"""A run's page: live lines, cancel, rerun, deliveries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import Delivery, DeliveryKind
from scheduling.acts import runs
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


def texts(client: Client, run: Run, after: int) -> list[str]:
    return [line[3] for line in client.get(url(run, "lines"), {"after": after}).json()["lines"]]


def test_lines_are_handed_out_from_where_the_reader_stands(world: World, run: Run) -> None:
    client = world.client("viewer")
    write(run, "one", "two")
    assert texts(client, run, 0) == ["one", "two"]
    write(run, "three")
    assert texts(client, run, 2) == ["three"]
    assert client.get(url(run, "lines"), {"after": 3}).json() == {
        "lines": [],
        "after": 3,
        "status": "queued",
        "timeline": "",
    }


def test_a_dify_runs_nodes_come_with_its_lines_while_it_goes_on(world: World, run: Run) -> None:
    client = world.client("viewer")
    spans = [span("LLM <1>", 0, 2), span("Code", 2, None, status="running")]
    row = Run.objects.filter(pk=run.pk)
    row.update(
        execution_type="dify",
        status=RunStatus.RUNNING,
        started_at=timezone.now() - timedelta(hours=1),
        timeline={"spans": spans, "left_out": 0},
    )
    drawn = client.get(url(run, "lines")).json()["timeline"]
    for shown in (drawn, client.get(url(run)).content.decode()):
        assert "LLM &lt;1&gt;" in shown
        assert '<td class="amount">running</td>' in shown
    row.update(status=RunStatus.SUCCESS)
    assert client.get(url(run, "lines")).json()["timeline"] == ""
    assert "no end reported" in client.get(url(run)).content.decode()


@pytest.mark.parametrize("after", ["", "-1", "x", "٣", "9" * 30])
def test_a_forged_position_is_no_fault(world: World, run: Run, after: str) -> None:
    assert world.client("viewer").get(url(run, "lines"), {"after": after}).status_code == 200


def test_lines_of_another_tenants_run_do_not_exist(world: World) -> None:
    run = runs.run_now(world.their_task, ANN, timezone.now())
    assert world.client("admin").get(url(run, "lines")).status_code == 404


def test_the_page_shows_lines_parameters_and_deliveries(world: World, run: Run) -> None:
    write(run, "<b>written by the script</b>")
    Delivery.objects.create(
        log_id=run.pk,
        tenant=world.ours,
        channel=world.channel,
        channel_type="dingtalk_bot",
        kind=DeliveryKind.RESULT,
        next_attempt_at=timezone.now(),
        errmsg="said by the service",
    )
    shown = world.client("viewer").get(url(run)).content.decode()
    assert "&lt;b&gt;written by the script&lt;/b&gt;" in shown
    assert "上海" in shown
    assert "said by the service" in shown


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
