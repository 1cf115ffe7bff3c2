"""/api/task-logs"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from scheduling.api import long_polling
from scheduling.kinds.dify.timeline import Span, Timeline, as_json
from scheduling.models import Run, RunLine, RunStatus, ScheduledTask
from scheduling.tests import make
from testing.callers import Caller, member

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def operator() -> Caller:
    return member("operator")


def ids(caller: Caller, **query: Any) -> list[int]:
    return [item["id"] for item in caller.get("/task-logs", **query).json()["items"]]


def lines(run: Run, count: int) -> None:
    RunLine.objects.bulk_create(
        RunLine(run=run, seq=seq, at=AT, stream="log", text=f"line {seq}") for seq in range(1, count + 1)
    )


def test_a_run_in_a_list_leaves_out_what_may_be_long(operator: Caller) -> None:
    run = make.run(make.task(), output="x", result={"a": 1})
    row = operator.get("/task-logs").json()["items"][0]
    shown = operator.get(f"/task-logs/{run.pk}").json()
    assert set(shown) - set(row) == {"output", "result", "timeline"}
    assert shown["result"] == {"a": 1}


def test_a_dify_run_shows_what_ran_inside_and_when(operator: Caller) -> None:
    spans = {
        "e1": Span("n1", "llm", "写日报", 0.5, 2.0, status="succeeded", tokens=42),
        "e2": Span("n2", "end", "End", 2.25),
    }
    run = make.run(make.task(), timeline=as_json(Timeline(spans)))
    shown = operator.get(f"/task-logs/{run.pk}").json()["timeline"]
    assert shown["left_out"] == 0
    assert shown["nodes"][0] == {
        "node_id": "n1",
        "title": "写日报",
        "type": "llm",
        "status": "succeeded",
        "start_seconds": 0.5,
        "duration_seconds": 1.5,
        "tokens": 42,
        "error": "",
        "retries": 0,
        "inside": "",
        "step": None,
    }
    assert (shown["nodes"][1]["status"], shown["nodes"][1]["duration_seconds"]) == ("running", None)
    assert operator.get(f"/task-logs/{make.run(make.task()).pk}").json()["timeline"] is None


def test_the_list_filters(operator: Caller) -> None:
    one, two = make.task(task_name="one"), make.task(task_name="two")
    first = make.run(one, due_at=AT, status=RunStatus.FAILED, error_code="timeout", error="too slow")
    second = make.run(two, due_at=AT + timedelta(days=1), trigger="manual")
    assert ids(operator) == [second.pk, first.pk]
    assert ids(operator, ordering="id") == [first.pk, second.pk]
    assert ids(operator, task_id=one.pk) == [first.pk]
    assert ids(operator, status="failed") == [first.pk]
    assert ids(operator, trigger="manual") == [second.pk]
    assert ids(operator, error_code="timeout") == [first.pk]
    assert ids(operator, trace_id=second.trace_id) == [second.pk]
    assert ids(operator, due_from="2026-03-01T12:00:00Z") == [second.pk]
    assert ids(operator, due_to="2026-03-01T12:00:00Z") == [first.pk]
    assert ids(operator, created_from="2300-01-01T00:00:00Z") == []
    assert ids(operator, before_id=second.pk) == [first.pk]
    assert ids(operator, search="SLOW") == [first.pk]
    assert ids(operator, tenant_id="acme", page_size=1) == [second.pk]


def test_a_range_of_due_times_comes_in_their_order_unless_asked_otherwise(operator: Caller) -> None:
    task = make.task()
    later = make.run(task, due_at=AT + timedelta(hours=1))
    earlier = make.run(task, due_at=AT)
    since = AT.isoformat()
    assert ids(operator, due_from=since) == [later.pk, earlier.pk]
    assert ids(operator, due_from=since, ordering="-id") == [earlier.pk, later.pk]
    assert ids(operator, due_from=since, before_id=earlier.pk + 1) == [earlier.pk, later.pk]
    assert ids(operator, due_from=since, task_id=task.pk) == [earlier.pk, later.pk]


def test_a_tasks_logs_take_the_same_filters(operator: Caller) -> None:
    task, other = make.task(), make.task()
    run, _ = make.run(task), make.run(other)
    answer = operator.get(f"/scheduled-tasks/{task.pk}/logs", status="queued")
    assert [item["id"] for item in answer.json()["items"]] == [run.pk]
    assert operator.get(f"/scheduled-tasks/{task.pk}/logs", task_id=1).status_code == 422


def test_counting_stops_at_ten_thousand(operator: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.rest.paging.MAX_COUNTED", 2)
    task = make.task()
    for _ in range(2):
        make.run(task)
    assert "total_capped" not in operator.get("/task-logs").json()
    make.run(task)
    answer = operator.get("/task-logs").json()
    assert (answer["total"], answer["total_capped"]) == (2, True)


def test_lines_are_read_on_from_where_they_ended(operator: Caller) -> None:
    run = make.run(make.task(), status=RunStatus.RUNNING)
    lines(run, 3)
    first = operator.get(f"/task-logs/{run.pk}/lines", limit=2).json()
    assert [line["text"] for line in first["items"]] == ["line 1", "line 2"]
    assert (first["next_after"], first["finished"]) == (2, False)
    rest = operator.get(f"/task-logs/{run.pk}/lines", after=first["next_after"]).json()
    assert [line["seq"] for line in rest["items"]] == [3]
    assert rest["finished"] is False
    nothing = operator.get(f"/task-logs/{run.pk}/lines", after=3).json()
    assert (nothing["items"], nothing["next_after"]) == ([], 3)


def test_lines_are_finished_when_the_run_has_ended_and_all_are_read(operator: Caller) -> None:
    run = make.run(make.task(), status=RunStatus.SUCCESS)
    lines(run, 3)
    path = f"/task-logs/{run.pk}/lines"
    assert operator.get(path, limit=2).json()["finished"] is False
    assert operator.get(path, after=2).json()["finished"] is True


def test_a_run_under_way_shows_its_lines_as_output(operator: Caller) -> None:
    run = make.run(make.task(), status=RunStatus.RUNNING)
    lines(run, 2)
    assert operator.get(f"/task-logs/{run.pk}").json()["output"] == "line 1\nline 2"


def test_a_queued_run_is_canceled_at_once_and_only_once(operator: Caller) -> None:
    run = make.run(make.task())
    canceled = operator.post(f"/task-logs/{run.pk}/cancel")
    assert (canceled.status_code, canceled.json()["status"]) == (202, "canceled")
    again = operator.post(f"/task-logs/{run.pk}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "ended")


def test_a_running_run_is_told_to_end(operator: Caller) -> None:
    run = make.run(make.task(), status=RunStatus.RUNNING, lease_until=timezone.now())
    assert operator.post(f"/task-logs/{run.pk}/cancel").json()["status"] == "running"
    run.refresh_from_db()
    assert run.cancel_requested_at is not None


def test_of_an_incomplete_task_none_is_run_again(operator: Caller) -> None:
    task = make.task()
    run = make.run(task, status=RunStatus.FAILED)
    type(task).objects.update(is_enabled=False, script_content="")
    answer = operator.post(f"/task-logs/{run.pk}/rerun")
    assert (answer.status_code, answer.json()["code"]) == (409, "incomplete")
    assert Run.objects.get() == run


def test_a_rerun_has_the_same_parameters_and_window(operator: Caller) -> None:
    old = make.run(make.task(), status=RunStatus.FAILED, params={"a": 1}, window_start=AT, window_end=AT)
    answer = operator.post(f"/task-logs/{old.pk}/rerun")
    assert answer.status_code == 202
    run = Run.objects.get(pk=answer.json()["log_id"])
    assert (run.trigger, run.params, run.window_start) == ("rerun", {"a": 1}, AT)


def test_a_deleted_tasks_run_is_not_run_again(operator: Caller) -> None:
    task = make.task()
    run = make.run(task, status=RunStatus.FAILED)
    ScheduledTask.objects.all().delete()
    assert operator.post(f"/task-logs/{run.pk}/rerun").json()["code"] == "task_deleted"


def test_a_call_for_lines_may_wait_for_the_next(operator: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make.run(make.task(), status=RunStatus.RUNNING)
    meanwhile = iter([0, 2])
    monkeypatch.setattr(long_polling, "sleep", lambda seconds: lines(run, next(meanwhile)))
    page = operator.get(f"/task-logs/{run.pk}/lines", wait=long_polling.MAX_SECONDS).json()
    assert ([line["seq"] for line in page["items"]], page["finished"]) == ([1, 2], False)


def test_or_for_the_end(operator: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make.run(make.task(), status=RunStatus.RUNNING)
    rows = Run.objects.filter(pk=run.pk)
    monkeypatch.setattr(long_polling, "sleep", lambda seconds: rows.update(status=RunStatus.CANCELED))
    page = operator.get(f"/task-logs/{run.pk}/lines", wait=long_polling.MAX_SECONDS).json()
    assert (page["items"], page["finished"]) == ([], True)
