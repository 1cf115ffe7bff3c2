"""/api/failures"""

from __future__ import annotations

from typing import Any

import pytest

from scheduling.execution import failed
from scheduling.lifecycle import transitions
from scheduling.models import FailureGroup, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import NOW, claimed
from testing.callers import Caller, fields, member, superuser

pytestmark = pytest.mark.django_db


def fail(task: ScheduledTask, error: str = "HTTP 500: busy") -> Run:
    run = claimed(make.run(task))
    transitions.finish(run, failed("http_status", error), NOW)
    return run


@pytest.fixture
def operator() -> Caller:
    return member("operator")


def path(act: str = "") -> str:
    return f"/failures/{FailureGroup.objects.get().pk}{act}"


def test_it_shows_what_failed_where_and_how_often(operator: Caller) -> None:
    task = make.task()
    fail(task)
    latest = fail(task, "HTTP 500: out of memory")
    [shown] = operator.get("/failures").json()["items"]
    assert shown == operator.get(path()).json()
    assert shown == {
        "fingerprint": FailureGroup.objects.get().pk,
        "task_id": task.pk,
        "tenant_id": "acme",
        "error_code": "http_status",
        "place": "HTTP 500",
        "error": "HTTP 500: out of memory",
        "run_count": 2,
        "days": {"2026-11-20": 2},
        "first_at": "2026-11-20T08:00:00+00:00",
        "last_at": "2026-11-20T08:00:00+00:00",
        "last_run_id": latest.pk,
        "state": "open",
        "muted_until": None,
        "decided_by": "",
        "decided_at": None,
        "reason": "",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "open"}, 1),
        ({"state": "muted"}, 0),
        ({"error_code": "http_status"}, 1),
        ({"error_code": "timeout"}, 0),
        ({"tenant_id": "acme"}, 1),
        ({"tenant_id": "other"}, 0),
        ({"task_id": 999_999}, 0),
        ({"search": "BUSY"}, 1),
        ({"search": "idle"}, 0),
    ],
)
def test_it_is_found_by_filters(operator: Caller, query: dict[str, Any], found: int) -> None:
    fail(make.task())
    assert operator.get("/failures", **query).json()["total"] == found


def test_it_is_muted_opened_and_resolved(operator: Caller) -> None:
    fail(make.task())
    muted = operator.post(
        path("/mute"), {"until": "2099-01-01T08:00:00+08:00", "reason": "They know."}
    ).json()
    assert (muted["state"], muted["muted_until"]) == ("muted", "2099-01-01T00:00:00+00:00")
    assert (muted["reason"], muted["decided_by"]) == ("They know.", "acme-operator")
    assert operator.post(path("/reopen")).json()["state"] == "open"
    assert operator.post(path("/resolve")).json()["state"] == "resolved"


def test_it_is_not_muted_until_a_time_that_has_passed(operator: Caller) -> None:
    fail(make.task())
    answer = operator.post(path("/mute"), {"until": "2020-01-01T08:00:00+08:00"})
    assert (answer.status_code, fields(answer)) == (422, {"until"})


def test_its_runs_are_run_again(operator: Caller) -> None:
    fail(make.task())
    answer = operator.post(path("/rerun"))
    [run] = Run.objects.filter(trigger="rerun")
    assert (answer.status_code, answer.json()) == (202, {"log_ids": [run.pk]})
    assert operator.post(path("/rerun")).json() == {"log_ids": []}


def test_a_draft_cannot_be_run_again(operator: Caller) -> None:
    fail(make.task())
    ScheduledTask.objects.update(script_content="")
    answer = operator.post(path("/rerun"))
    assert (answer.status_code, answer.json()["code"]) == (409, "incomplete")
    assert FailureGroup.objects.get().rerun_to == 0


@pytest.mark.parametrize("act", ["/mute", "/reopen", "/resolve", "/rerun"])
def test_who_may_only_look_does_nothing(act: str) -> None:
    fail(make.task())
    assert member("viewer").post(path(act), {} if act == "/mute" else None).status_code == 403
    assert member("operator", "other").post(path(act), {} if act == "/mute" else None).status_code == 404


def test_others_failures_are_not_seen() -> None:
    fail(make.task())
    stranger = member("admin", "other")
    assert stranger.get("/failures").json()["total"] == 0
    assert stranger.get(path()).status_code == 404
    assert superuser().get(path()).status_code == 200
