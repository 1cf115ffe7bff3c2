"""/api/scheduled-tasks/{id}/backfill, /api/backfills"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from testing.callers import Caller, fields, member

pytestmark = pytest.mark.django_db
AT = datetime(2026, 2, 28, 16, tzinfo=UTC)
DAY = {"from": "2026-03-01T00:00:00+08:00", "to": "2026-03-02T00:00:00+08:00"}


@pytest.fixture
def operator() -> Caller:
    return member("operator")


def hourly() -> ScheduledTask:
    return make.task(cron_expression="0 * * * *", overlap_policy="allow")


def ask(caller: Caller, task: ScheduledTask, **body: Any) -> Any:
    return caller.post(f"/scheduled-tasks/{task.pk}/backfill", DAY | body)


def test_a_dry_run_names_the_due_times_and_writes_nothing(operator: Caller) -> None:
    answer = ask(operator, hourly(), dry_run=True)
    assert answer.status_code == 200
    assert answer.json()["count"] == len(answer.json()["due_times"]) == 24
    assert answer.json()["due_times"][0] == "2026-02-28T16:00:00+00:00"
    assert not Run.objects.exists()


def test_it_starts_a_run_for_each_due_time(operator: Caller) -> None:
    task = hourly()
    answer = ask(operator, task, max_parallel=3)
    assert (answer.status_code, answer.json()["count"]) == (202, 24)
    shown = operator.get(f"/backfills/{answer.json()['backfill_id']}").json()
    assert shown == {
        "id": answer.json()["backfill_id"],
        "task_id": task.pk,
        "from": "2026-02-28T16:00:00+00:00",
        "to": "2026-03-01T16:00:00+00:00",
        "status": "running",
        "total": 24,
        "done": 0,
        "failed": 0,
    }
    runs = operator.get("/task-logs", trigger="backfill", page_size=100, ordering="id").json()["items"]
    assert [run["due_at"] for run in runs] == ask(operator, task, dry_run=True).json()["due_times"]
    assert {run["triggered_by"] for run in runs} == {"acme-operator"}


def test_of_an_incomplete_task_nothing_is_queued(operator: Caller) -> None:
    task = hourly()
    ScheduledTask.objects.filter(pk=task.pk).update(is_enabled=False, script_content="")
    answer = ask(operator, task)
    assert (answer.status_code, answer.json()["code"]) == (409, "incomplete")
    assert fields(answer) == {"script_content"}
    assert not Run.objects.exists()


def test_a_windows_tasks_runs_have_the_windows(operator: Caller) -> None:
    task = make.windows_task(interval_minutes=720)
    ask(operator, task)
    windows = Run.objects.order_by("pk").values_list("window_start", "window_end", "due_at")
    first, noon, last = AT, AT + timedelta(hours=12), AT + timedelta(hours=24)
    assert list(windows) == [(first, noon, noon), (noon, last, last)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "2026-03-02T00:00:00+08:00"}, "to"),
        ({"to": "2026-02-01T00:00:00Z"}, "to"),
        ({"to": "2026-03-01T00:00:00"}, "to"),
        ({"to": "2299-01-01T00:00:00Z"}, "to"),
        ({"from": "1971-01-01T00:00:00Z"}, "to"),
        ({"max_parallel": 0}, "max_parallel"),
        ({"max_parallel": 101}, "max_parallel"),
        ({"since": "2026-03-01T00:00:00Z"}, "since"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(operator: Caller, body: dict[str, Any], field: str) -> None:
    answer = ask(operator, hourly(), **body)
    assert answer.status_code == 422
    assert fields(answer) == {field}
    assert not Run.objects.exists()


def test_a_range_without_a_due_time_has_an_empty_plan_and_no_backfill(operator: Caller) -> None:
    task = make.task(cron_expression="0 0 1 1 *")
    assert ask(operator, task, dry_run=True).json() == {"due_times": [], "count": 0}
    assert fields(ask(operator, task)) == {"from"}


def test_a_cancel_ends_it_once(operator: Caller) -> None:
    path = f"/backfills/{ask(operator, hourly()).json()['backfill_id']}/cancel"
    canceled = operator.post(path)
    assert (canceled.status_code, canceled.json()["status"], canceled.json()["done"]) == (202, "canceled", 24)
    again = operator.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "ended")
