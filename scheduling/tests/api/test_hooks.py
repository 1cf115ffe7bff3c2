"""/api/scheduled-tasks/{id}/hook, /api/hooks/{token}"""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pytest_django import Settings

from common.logs import TextLines
from scheduling.acts import hooks
from scheduling.models import Run, ScheduledTask, TaskHook
from scheduling.tests import make
from tenants.access import SYSTEM
from tenants.models import AuditEntry
from testing.callers import Caller, member
from testing.redis_away import away

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Caller:
    return member("admin")


@pytest.fixture
def outside() -> Caller:
    return Caller()


def made(task: ScheduledTask) -> str:
    return "/hooks/" + hooks.issue(task, SYSTEM)


def test_a_hook_is_shown_once_and_kept_as_a_hash(admin: Caller, settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://tasks.example"
    task = make.task()
    answer = admin.post(f"/scheduled-tasks/{task.pk}/hook")
    token = answer.json()["token"]
    assert (answer.status_code, answer.json()["url"]) == (201, f"https://tasks.example/api/hooks/{token}")
    kept = TaskHook.objects.values().get()
    assert token not in str(kept)
    assert token.startswith(kept["prefix"])


def test_a_call_runs_the_task_with_the_body_over_its_parameters(outside: Caller) -> None:
    task = make.task(input_params={"city": "北京", "days": 7})
    answer = outside.post(made(task), {"city": "上海"})
    run = Run.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"log_id": run.pk, "trace_id": run.trace_id})
    assert (run.trigger, run.triggered_by, run.waits) == ("hook", "hook", True)
    assert run.params == {"city": "上海", "days": 7}


def test_a_call_may_have_no_body(outside: Caller) -> None:
    assert outside.post(made(make.task())).status_code == 202


@pytest.mark.parametrize("body", [[1], "x", 1, b"a=b", b"{"])
def test_a_body_is_an_object_or_nothing(outside: Caller, body: Any) -> None:
    assert outside.post(made(make.task()), body).status_code == 422
    assert not Run.objects.exists()


def test_a_body_over_64_kib_is_413(outside: Caller) -> None:
    assert outside.post(made(make.task()), {"text": "x" * (64 << 10)}).status_code == 413
    assert not Run.objects.exists()


def test_who_calls_is_in_the_audit_log_and_the_token_is_not(outside: Caller) -> None:
    path = made(make.task())
    outside.post(path)
    ran, begun = AuditEntry.objects.all()[:2]
    assert (begun.action, begun.object_type, begun.tenant_id) == ("create", "taskhook", "acme")
    assert (ran.action, ran.username, ran.remote_addr) == ("run", "hook", "127.0.0.1")
    assert ran.token_prefix
    assert path.removeprefix("/hooks/") not in str(AuditEntry.objects.values())


def test_the_token_is_masked_in_the_log_of_a_refused_call(
    outside: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    path = made(make.task(is_enabled=False))
    outside.post(path)
    [stderr] = (h for h in logging.getLogger().handlers if isinstance(h.formatter, TextLines))
    logged = "\n".join(map(stderr.format, caplog.records))
    assert "Conflict: /api/hooks/hook_***" in logged
    assert path not in logged


def test_a_new_hook_ends_the_old_one(admin: Caller, outside: Caller) -> None:
    task = make.task()
    old = made(task)
    new = admin.post(f"/scheduled-tasks/{task.pk}/hook").json()["token"]
    assert outside.post(old).status_code == 404
    assert outside.post(f"/hooks/{new}").status_code == 202
    assert AuditEntry.objects.filter(object_type="taskhook").first().action == "rotate"  # type: ignore[union-attr]


def test_a_revoked_hook_is_unknown(admin: Caller, outside: Caller) -> None:
    task = make.task()
    path = made(task)
    assert admin.delete(f"/scheduled-tasks/{task.pk}/hook").status_code == 204
    assert admin.delete(f"/scheduled-tasks/{task.pk}/hook").status_code == 404
    assert outside.post(path).status_code == 404


def test_a_hook_ends_with_its_task(admin: Caller, outside: Caller) -> None:
    task = make.task()
    path = made(task)
    admin.delete(f"/scheduled-tasks/{task.pk}")
    assert outside.post(path).status_code == 404


def test_the_hook_of_a_tenant_that_is_switched_off_is_unknown(outside: Caller) -> None:
    task = make.task(tenant=make.tenant("closed", is_enabled=False))
    assert outside.post(made(task)).status_code == 404


def test_a_task_that_is_switched_off_is_409(outside: Caller) -> None:
    answer = outside.post(made(make.task(is_enabled=False)))
    assert (answer.status_code, answer.json()["code"]) == (409, "disabled")


def test_the_same_key_starts_one_run_of_a_task(outside: Caller) -> None:
    one, two = made(make.task()), made(make.task())
    first = outside.post(one, {"n": 1}, **{"Idempotency-Key": "order-1"}).json()
    assert outside.post(one, {"n": 2}, **{"Idempotency-Key": "order-1"}).json() == first
    assert outside.post(one, **{"Idempotency-Key": "order-2"}).json() != first
    assert outside.post(two, **{"Idempotency-Key": "order-1"}).json() != first
    assert outside.post(one).json() != outside.post(one).json()
    assert Run.objects.get(pk=first["log_id"]).params == {"n": 1}
    assert AuditEntry.objects.filter(action="run").count() == Run.objects.count() == 5


def test_too_many_calls_are_told_when_to_come_back(outside: Caller, settings: Settings) -> None:
    settings.HOOK_CALLS_PER_MINUTE = 2
    path, other = made(make.task()), made(make.task())
    assert [outside.post(path).status_code for _ in range(3)] == [202, 202, 429]
    refused = outside.post(path)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.json()["code"] == "too_many"
    assert outside.post(other).status_code == 202


def test_an_unknown_token_is_404_until_there_were_too_many(outside: Caller, settings: Settings) -> None:
    settings.WRONG_TOKENS_PER_MINUTE = 2
    assert [outside.post(f"/hooks/{n}").status_code for n in range(3)] == [404, 404, 429]
    assert outside.post(made(make.task())).status_code == 202


def test_redis_away_stops_no_call(outside: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(make.task())
    monkeypatch.setattr("tenants.throttle.client", away)
    assert outside.post(path).status_code == 202
