"""A failure is resolved, muted, opened again; all its runs are run again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from scheduling.acts import failures
from scheduling.acts.runs import TaskDeletedError
from scheduling.execution import failed
from scheduling.lifecycle import transitions
from scheduling.models import FailureGroup, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import HOUR, NOW, claimed
from tenants.access import Actor
from tenants.models import AuditEntry

pytestmark = pytest.mark.django_db
ANN = Actor("ann", 1, everything=True, roles={})


def fail(task: ScheduledTask, error: str = "HTTP 500") -> Run:
    run = claimed(make.run(task))
    transitions.finish(run, failed("http_status", error), NOW)
    return run


def a_group() -> FailureGroup:
    fail(make.task())
    return FailureGroup.objects.get()


def audited() -> list[tuple[str, str, str | None, dict[str, object]]]:
    rows = AuditEntry.objects.filter(object_type="failuregroup").order_by("pk")
    return [(row.username, row.action, row.tenant_id, row.changes) for row in rows]


def test_one_who_resolves_it_is_named() -> None:
    group = a_group()
    failures.resolve(group, ANN, NOW + HOUR)
    group.refresh_from_db()
    assert (group.state, group.decided_by, group.decided_at) == ("resolved", "ann", NOW + HOUR)
    assert audited() == [("ann", "resolve", "acme", {})]


def test_it_is_muted_until_a_time_for_a_reason() -> None:
    group = a_group()
    failures.mute(group, NOW + HOUR, " The supplier migrates. ", ANN, NOW)
    group.refresh_from_db()
    assert (group.state, group.muted_until, group.reason) == ("muted", NOW + HOUR, "The supplier migrates.")
    assert audited()[0][1:] == (
        "mute", "acme", {"muted_until": str(NOW + HOUR), "reason": "The supplier migrates."},
    )  # fmt: skip


def test_opened_again_it_is_new_and_keeps_no_reason() -> None:
    group = a_group()
    failures.mute(group, None, "Later.", ANN, NOW)
    failures.reopen(group, ANN, NOW + HOUR)
    group.refresh_from_db()
    assert (group.state, group.opened_at, group.muted_until, group.reason) == ("open", NOW + HOUR, None, "")


@pytest.mark.parametrize(("until", "reason"), [(NOW, ""), (NOW - HOUR, ""), (None, "x" * 201)])
def test_what_cannot_be_is_refused_and_changes_nothing(until: datetime | None, reason: str) -> None:
    group = a_group()
    with pytest.raises(ValidationError):
        failures.mute(group, until, reason, ANN, NOW)
    assert FailureGroup.objects.get().state == "open"
    assert audited() == []


def test_all_its_runs_are_run_again_once() -> None:
    task = make.task(overlap_policy="allow")
    old = [fail(task), fail(task)]
    other = fail(task, "HTTP 404")
    group = FailureGroup.objects.get(place="HTTP 500")
    Run.objects.filter(pk=old[0].pk).update(params={"day": "2026-11-19"})
    started = failures.rerun_all(group, ANN, NOW + HOUR)
    assert [(run.trigger, run.triggered_by, run.task_id) for run in started] == [
        ("rerun", "ann", task.pk)
    ] * 2
    assert started[0].params == {"day": "2026-11-19"}
    assert failures.rerun_all(group, ANN, NOW + HOUR) == []
    assert Run.objects.count() == len([*old, other, *started])
    assert audited()[0] == ("ann", "rerun", "acme", {"log_ids": [run.pk for run in started]})


def test_only_so_many_are_run_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "MAX_RERUNS", 2)
    task = make.task(overlap_policy="allow")
    for _ in range(3):
        fail(task)
    group = FailureGroup.objects.get()
    assert [len(failures.rerun_all(group, ANN, NOW)) for _ in range(3)] == [2, 1, 0]


def test_a_deleted_tasks_runs_are_not_run_again() -> None:
    group = a_group()
    ScheduledTask.objects.all().delete()
    with pytest.raises(TaskDeletedError):
        failures.rerun_all(group, ANN, NOW + timedelta(days=1))
