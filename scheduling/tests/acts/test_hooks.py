"""A hook: one token for each task, kept as a hash; calling it queues a run, once for each key."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from pytest_django.fixtures import Settings

from scheduling.acts import hooks, runs
from scheduling.models import Run, TaskHook
from scheduling.tests import make
from scheduling.tests.make import NOW
from tenants.models import AuditEntry, Tenant
from testing.actors import ANN

pytestmark = pytest.mark.django_db


def called(hook: TaskHook, key: str = "", **params: object) -> Run:
    return hooks.call(hook, params, key, "192.0.2.7", NOW)


def hook(**columns: object) -> TaskHook:
    task = make.task(**columns)
    hooks.issue(task, ANN)
    return TaskHook.objects.get(task=task)


def audited(object_type: str) -> list[str]:
    return list(
        AuditEntry.objects.filter(object_type=object_type).order_by("pk").values_list("action", flat=True)
    )


def test_the_token_is_returned_once_and_only_its_beginning_and_hash_are_kept() -> None:
    plain = hooks.issue(make.task(), ANN)
    kept = TaskHook.objects.values().get()
    assert plain.startswith(kept["prefix"])
    assert len(kept["prefix"]) == len(hooks.PREFIX) + 4
    assert kept["made_by"] == "ann"
    assert plain not in str(kept)


def test_a_token_finds_its_own_task_and_an_unknown_one_finds_none() -> None:
    one, two = make.task(), make.task()
    tokens = [hooks.issue(task, ANN) for task in (one, two)]
    assert [found and found.task_id for found in map(hooks.find, [*tokens, "hook_unknown", ""])] == [
        one.pk, two.pk, None, None,
    ]  # fmt: skip


def test_a_new_token_ends_the_old_one_and_is_audited_as_a_rotation() -> None:
    task = make.task()
    old, new = hooks.issue(task, ANN), hooks.issue(task, ANN)
    assert hooks.find(old) is None
    assert hooks.find(new)
    assert audited("taskhook") == ["create", "rotate"]


def test_revoking_ends_it_and_says_whether_there_was_one() -> None:
    task, other = make.task(), make.task()
    plain, kept = hooks.issue(task, ANN), hooks.issue(other, ANN)
    assert [hooks.revoke(task, ANN), hooks.revoke(task, ANN)] == [True, False]
    assert hooks.find(plain) is None
    assert hooks.find(kept)
    assert audited("taskhook") == ["create", "create", "delete"]


def test_the_hook_of_a_tenant_that_is_switched_off_is_not_found_until_it_is_on_again() -> None:
    plain = hooks.issue(make.task(), ANN)
    globally = hooks.issue(make.task(tenant=None), ANN)
    Tenant.objects.update(is_enabled=False)
    assert (hooks.find(plain), bool(hooks.find(globally))) == (None, True)
    Tenant.objects.update(is_enabled=True)
    assert hooks.find(plain)


def test_its_address_is_the_platforms_public_one(settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://tasks.example"
    assert hooks.hook_url("hook_x") == "https://tasks.example/api/hooks/hook_x"


def test_a_call_queues_a_run_with_its_parameters_over_the_tasks_and_says_who_called() -> None:
    row = hook(input_params={"city": "Berlin", "days": 7})
    run = called(row, city="Paris")
    assert (run.trigger, run.params, run.waits) == ("hook", {"city": "Paris", "days": 7}, True)
    entry = AuditEntry.objects.get(action="run")
    assert (entry.username, entry.token_prefix, entry.remote_addr) == ("hook", row.prefix, "192.0.2.7")


def test_a_key_makes_one_run_of_its_task_and_without_a_key_each_call_makes_one() -> None:
    one, two = hook(), hook()
    first = called(one, "order-1", n=1)
    assert called(one, "order-1", n=2) == first
    assert Run.objects.get(pk=first.pk).params == {"n": 1}
    assert len({first, called(one, "order-2"), called(two, "order-1"), called(one), called(one)}) == 5
    assert audited("scheduledtask").count("run") == Run.objects.count() == 5


def test_a_refusal_by_the_database_that_is_not_the_keys_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> Run:
        raise IntegrityError("FOREIGN KEY constraint failed")

    row = hook()
    monkeypatch.setattr(runs, "run_now", refuse)
    for key in ("", "order-1"):
        with pytest.raises(IntegrityError):
            called(row, key)
