"""*Test connection* asks what a run would ask, starts nothing, hides the key, and waits in its tenant's places."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from common.concurrency import MAX_OF_ONE, NoPlaceError, hold_place
from scheduling.acts import dify_connection
from scheduling.acts.dify_connection import MAX_DETAIL, check_app, check_connection, check_task
from scheduling.kinds.dify.client import DifyClient, Patience
from scheduling.kinds.dify.client.connection import Connection
from scheduling.tests import make
from scheduling.tests.make import NOW
from scheduling.tests.worker.dify_task import KEY, NO_INPUTS, dify_task, paths
from tenants.access import Actor
from tenants.models import AuditEntry, Role
from testing.actors import ANN
from testing.servers.dify_replay import DifyReplay, replays, says, transcript

pytestmark = pytest.mark.django_db
INFO = replays(transcript("info"))


def declares(*names: str) -> Any:
    return says(
        200, {"user_input_form": [{"text-input": {"variable": name, "required": True}} for name in names]}
    )


def operator_of(*tenants: str) -> Actor:
    return Actor("bob", 7, False, dict.fromkeys(tenants, Role.OPERATOR.value))


def checked_app(actor: Actor) -> Connection:
    with DifyReplay(INFO, NO_INPUTS) as dify:
        return check_app(dify.url, KEY, "workflow", {}, actor)


def test_a_task_is_asked_about_with_its_parameters_and_starts_nothing() -> None:
    with DifyReplay(INFO, declares("city", "day")) as dify:
        task = dify_task(dify, input_params={"city": "Berlin", "left": "over"})
        found = check_task(task, ANN, NOW)
    assert (found.ok, found.missing_inputs, found.undeclared_inputs) == (False, ("day",), ("left",))
    assert [path for path in paths(dify) if path.endswith("/run")] == []


@pytest.mark.parametrize(("use_windows", "missing"), [(True, ()), (False, ("start_time", "end_time"))])
def test_a_task_that_hands_out_windows_sends_their_ends(use_windows: bool, missing: tuple[str, ...]) -> None:
    columns = {"schedule_type": "interval", "interval_minutes": 10, "use_windows": use_windows}
    with DifyReplay(INFO, declares("start_time", "end_time")) as dify:
        found = check_task(dify_task(dify, cron_expression="", **columns), ANN, NOW)
    assert found.missing_inputs == missing


def test_the_version_that_a_tasks_runs_are_fixed_to_must_be_there() -> None:
    with DifyReplay(INFO, NO_INPUTS, says(404, {"code": "not_found", "message": "none"})) as dify:
        task = dify_task(dify, dify_workflow_id="9b2f3e30-0c0f-4a3f-9a44-111111111111")
        found = check_task(task, ANN, NOW)
    assert not found.ok
    assert task.dify_workflow_id in found.detail


def test_who_tested_a_task_is_in_the_audit_log() -> None:
    with DifyReplay(INFO, NO_INPUTS) as dify:
        task = dify_task(dify)
        check_task(task, ANN, NOW)
    entry = AuditEntry.objects.get(action="test")
    assert (entry.username, entry.object_id, entry.tenant_id) == ("ann", str(task.pk), "acme")


@pytest.mark.parametrize(("tenants", "shown_to"), [(["acme"], "acme"), (["acme", "globex"], None)])
def test_a_test_of_an_app_is_shown_to_the_callers_tenant_where_it_has_only_one(
    tenants: list[str], shown_to: str | None
) -> None:
    for code in tenants:
        make.tenant(code)
    assert checked_app(operator_of(*tenants)).ok
    assert AuditEntry.objects.get(action="test").tenant_id == shown_to


def test_a_tenant_in_which_the_caller_only_reads_does_not_count() -> None:
    make.tenant("acme")
    assert checked_app(Actor("bob", 7, False, {"acme": "operator", "globex": "viewer"})).ok
    assert AuditEntry.objects.get(action="test").tenant_id == "acme"


def test_a_superusers_test_is_shown_to_no_tenant_even_where_they_are_a_member_of_one() -> None:
    make.tenant("acme")
    assert checked_app(Actor("root", 1, True, {"acme": "admin"})).ok
    assert AuditEntry.objects.get(action="test").tenant_id is None


def test_the_audit_log_has_the_address_without_what_is_secret_in_it() -> None:
    check_app("http://me:hunter22@127.0.0.1:9/v1?token=hunter33", KEY, "workflow", {}, ANN)
    kept = str(AuditEntry.objects.values().get())
    assert "127.0.0.1:9" in kept
    assert [secret for secret in ("hunter22", "hunter33", KEY) if secret in kept] == []


def test_the_key_is_masked_in_an_answer_that_repeats_it_and_a_long_one_is_cut() -> None:
    refusal = f"{KEY} is invalid" + "." * 2 * MAX_DETAIL
    with DifyReplay(says(401, {"code": "unauthorized", "message": refusal})) as dify:
        found = check_connection(dify.url, KEY, "workflow", {}, None)
    assert not found.ok
    assert KEY not in found.detail
    assert "is invalid" in found.detail
    assert len(found.detail) <= MAX_DETAIL


def test_an_address_that_can_not_be_used_is_an_answer_and_no_error() -> None:
    found = check_connection("no address", KEY, "workflow", {}, None)
    assert not found.ok
    assert found.detail


def test_each_answer_is_waited_for_as_long_as_a_person_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Patience] = []

    def client(*of: Any, patience: Patience) -> DifyClient:
        asked.append(patience)
        return DifyClient(*of, patience=patience)

    monkeypatch.setattr(dify_connection, "DifyClient", client)
    with DifyReplay(INFO, NO_INPUTS) as dify:
        check_connection(dify.url, KEY, "workflow", {}, None)
    assert [patience.ask_seconds for patience in asked] == [5]


@pytest.mark.parametrize("whose", ["acme", None])
def test_a_test_waits_in_one_of_its_tenants_places(whose: str | None) -> None:
    with DifyReplay() as dify, ExitStack() as taken:
        task = dify_task(dify, tenant=make.tenant("acme") if whose else None)
        for _ in range(MAX_OF_ONE):
            taken.enter_context(hold_place(whose))
        with pytest.raises(NoPlaceError):
            check_task(task, ANN, NOW)
        assert not dify.requests


def test_the_app_of_no_task_waits_in_the_places_of_who_asks() -> None:
    with DifyReplay() as dify, ExitStack() as taken:
        for _ in range(MAX_OF_ONE):
            taken.enter_context(hold_place("user 7"))
        with pytest.raises(NoPlaceError):
            check_app(dify.url, KEY, "workflow", {}, operator_of("acme"))
