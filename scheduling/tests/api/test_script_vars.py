"""/api/script-vars: the rows that get_var and set_var work on."""

from __future__ import annotations

import pytest

from scheduling.grants.vars import Vars
from scheduling.tests import make
from testing.callers import Caller, fields, member, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Caller:
    return member("admin")


def test_a_script_reads_what_the_api_writes(admin: Caller) -> None:
    task = make.task()
    assert (
        admin.post("/script-vars", {"task_id": task.pk, "var_key": "a", "var_value": [1]}).status_code == 201
    )
    assert (
        admin.post("/script-vars", {"tenant_id": "acme", "var_key": "a", "var_value": None}).status_code
        == 201
    )
    variables = Vars(task.pk, "acme")
    assert variables.get_var("a", 0, "task") == [1]
    assert variables.get_var("a", 0, "tenant") is None


def test_the_api_changes_and_deletes_what_a_script_keeps(admin: Caller) -> None:
    task = make.task()
    variables = Vars(task.pk, "acme")
    variables.set_var("seen", 1, "task")
    row = admin.get("/script-vars", task_id=task.pk).json()["items"][0]
    assert admin.put(f"/script-vars/{row['id']}", {"var_value": {"n": 2}}).json()["var_value"] == {"n": 2}
    assert variables.get_var("seen", 0, "task") == {"n": 2}
    assert admin.delete(f"/script-vars/{row['id']}").status_code == 204
    assert variables.get_var("seen", 0, "task") == 0


def test_a_key_is_taken_once(admin: Caller) -> None:
    body = {"tenant_id": "acme", "var_key": "a", "var_value": 1}
    assert admin.post("/script-vars", body).status_code == 201
    assert admin.post("/script-vars", body).status_code == 409


def test_a_value_is_at_most_64_kib(admin: Caller) -> None:
    refused = admin.post("/script-vars", {"tenant_id": "acme", "var_key": "a", "var_value": "x" * (64 << 10)})
    assert fields(refused) == {"var_value"}


def test_a_foreign_task_does_not_exist(admin: Caller) -> None:
    tenant("other")
    foreign = make.task(tenant=tenant("other"))
    refused = admin.post("/script-vars", {"task_id": foreign.pk, "var_key": "a", "var_value": 1})
    assert fields(refused) == {"task_id"}
