"""The first old system's endpoints, with its field names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from scheduling.acts.default_task import get_or_create
from scheduling.models import Run, RunStatus, ScheduledTask
from scheduling.tests import make
from testing.callers import Caller, fields, member, superuser

pytestmark = pytest.mark.django_db
KEY = "app-0123456789abcdef"
URL = "https://dify.example/v1/workflows/run"


@pytest.fixture
def root() -> Caller:
    return superuser()


@pytest.fixture
def ready(root: Caller) -> Caller:
    assert (
        root.post("/config", {"dify_api_key": KEY, "dify_url": URL, "interval_minutes": 10}).status_code
        == 200
    )
    return root


def test_the_task_is_made_on_first_use_from_the_old_settings(root: Caller, settings: Any) -> None:
    settings.DIFY_API_URL, settings.DIFY_API_KEY = URL, KEY
    shown = root.get("/config").json()
    assert set(shown) == {
        "id",
        "interval_minutes",
        "is_active",
        "last_end_time",
        "dify_api_key",
        "dify_url",
        "created_at",
        "updated_at",
        "logs_per_page_default",
        "logs_per_page_max",
        "auto_refresh_interval_seconds",
        "near_execution_refresh_seconds",
        "next_run_time",
    }
    assert (shown["interval_minutes"], shown["is_active"], shown["dify_url"]) == (60, False, URL)
    assert shown["dify_api_key"] == "***cdef"
    task = ScheduledTask.objects.get(is_default=True)
    assert (task.pk, task.dify_user, task.use_windows) == (shown["id"], "wechat-job-system", True)
    assert root.get("/config").json()["id"] == shown["id"]


def test_the_key_is_set_kept_by_its_mask_and_cleared(ready: Caller) -> None:
    assert (
        ready.post("/config", {"dify_api_key": "***cdef", "interval_minutes": 5}).json()["interval_minutes"]
        == 5
    )
    assert ScheduledTask.objects.get().dify_api_key == KEY
    assert ready.post("/config", {"dify_api_key": None}).json()["dify_api_key"] == ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"interval_minutes": 0}, "interval_minutes"),
        ({"dify_url": "x"}, "dify_url"),
        ({"is_active": True}, "is_active"),
    ],
)
def test_a_wrong_setting_is_refused(root: Caller, body: dict[str, Any], field: str) -> None:
    refused = root.post("/config", body)
    assert refused.status_code == 422
    assert fields(refused) == {field}


def test_it_does_not_start_without_key_and_url(root: Caller) -> None:
    refused = root.post("/task/start")
    assert refused.status_code == 422
    assert fields(refused) == {"dify_url", "dify_api_key"}
    assert ScheduledTask.objects.get().is_enabled is False


def test_it_starts_from_a_time_in_the_tasks_zone(ready: Caller) -> None:
    answer = ready.post("/task/start", {"start_time": "2026-03-01 08:00:00"}).json()
    assert answer["success"] is True
    assert answer["config"]["is_active"] is True
    assert answer["config"]["last_end_time"] == "2026-03-01 08:00:00"
    assert "catching up on" in answer["message"]
    task = ScheduledTask.objects.get()
    assert task.last_end_time == datetime(2026, 3, 1, tzinfo=UTC)
    assert task.next_run_at == datetime(2026, 3, 1, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-03-01T08:00", "2026-03-01T00:00:00Z", "2026-03-01T09:00:00+09:00"])
def test_a_start_time_may_be_iso(ready: Caller, text: str) -> None:
    assert ready.post("/task/start", {"start_time": text}).status_code == 200
    assert ScheduledTask.objects.get().last_end_time == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["yesterday at noon!", "2026-02-30 08:00:00", "9999-12-31T23:59:59Z", "0001-01-01 00:00:00"]
)
def test_a_wrong_start_time_is_refused(ready: Caller, text: str) -> None:
    assert fields(ready.post("/task/start", {"start_time": text})) == {"start_time"}


def test_without_a_start_time_it_is_due_at_once(ready: Caller) -> None:
    ready.post("/task/start")
    next_run_at = ScheduledTask.objects.get().next_run_at
    assert next_run_at is not None
    assert next_run_at <= timezone.now()


def test_stop_switches_it_off(ready: Caller) -> None:
    ready.post("/task/start")
    assert ready.post("/task/stop").json()["success"] is True
    assert ScheduledTask.objects.get().is_enabled is False


def test_execute_queues_a_run_and_says_which_window_it_takes(ready: Caller) -> None:
    answer = ready.post("/task/execute").json()
    run = Run.objects.get(pk=answer["log_id"])
    assert (answer["success"], answer["trace_id"], run.moves_cursor) == (True, run.trace_id, True)
    assert f"{run.window_start:%M:%S}" in answer["message"]
    assert f"{run.window_end:%M:%S}" in answer["message"]


def test_execute_without_a_key_is_a_conflict_that_names_it_and_moves_nothing(root: Caller) -> None:
    refused = root.post("/task/execute")
    assert refused.status_code == 409
    assert fields(refused) == {"dify_url", "dify_api_key"}
    assert not Run.objects.exists()
    assert ScheduledTask.objects.get().last_end_time is None


def test_execute_before_a_second_of_the_next_window_has_passed_is_a_conflict(ready: Caller) -> None:
    task = ScheduledTask.objects.get()
    ScheduledTask.objects.filter(pk=task.pk).update(last_end_time=timezone.now() + timedelta(hours=1))
    refused = ready.post("/task/execute")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_window")


def test_logs_have_the_old_names_and_the_tasks_times(root: Caller) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    run = make.run(
        get_or_create(timezone.now()),
        status=RunStatus.SUCCESS,
        started_at=start + timedelta(hours=1),
        window_start=start,
        window_end=start + timedelta(minutes=30),
        result={"answer": "好"},
    )
    answer = root.get("/logs").json()
    created_at = answer["logs"][0].pop("created_at")
    assert answer == {
        "logs": [
            {
                "id": run.pk,
                "interval_minutes": 30,
                "execute_time": "2026-03-01 09:00:00",
                "start_time": "2026-03-01 08:00:00",
                "end_time": "2026-03-01 08:30:00",
                "status": "success",
                "response_data": '{"answer": "好"}',
                "error_message": None,
            }
        ],
        "total": 1,
        "page": 1,
        "per_page": 10,
        "pages": 1,
    }
    assert len(created_at) == len("2026-03-01 08:00:00")


def test_logs_come_in_pages(root: Caller) -> None:
    task = get_or_create(timezone.now())
    for _ in range(3):
        make.run(task)
    second = root.get("/logs", page=2, per_page=2).json()
    assert (len(second["logs"]), second["pages"], second["total"]) == (1, 2, 3)
    assert root.get("/logs", page=9, per_page=2).json()["logs"] == []
    assert root.get("/logs", per_page=51).status_code == 422


def test_it_is_a_global_row_for_superusers(root: Caller) -> None:
    admin = member("admin")
    assert admin.get("/config").status_code == 403
    assert admin.get("/logs").status_code == 403
    for path in ("/config", "/task/start", "/task/stop", "/task/execute"):
        assert admin.post(path, {} if path != "/task/stop" else None).status_code == 403
