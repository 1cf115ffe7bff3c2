"""The executor of a run's kind, and everything that must be masked in what its run stores."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scheduling.kinds import KINDS
from scheduling.kinds.dify.executor import DifyExecutor
from scheduling.kinds.script.executor import ScriptExecutor
from scheduling.kinds.webhook.executor import WebhookExecutor
from scheduling.models import SECRET_COLUMNS, IncompleteTaskError, ScheduledTask
from scheduling.tests import make
from scheduling.worker.executors import executor_of, secrets_of
from scheduling.worker.run_context import LiveContext
from tenants.models import Secret, Tenant

pytestmark = pytest.mark.django_db(transaction=True)
COMPLETE: dict[str, tuple[type, dict[str, Any]]] = {
    "script": (ScriptExecutor, {"script_content": "result = 1"}),
    "webhook": (WebhookExecutor, {"webhook_url": "http://127.0.0.1:9/"}),
    "dify": (DifyExecutor, {"dify_url": "http://127.0.0.1:9", "dify_api_key": "app-0123456789abcdef"}),
}


def built(task: ScheduledTask) -> object:
    run = make.run(task)
    return executor_of(run, task, LiveContext(run, task, []))


def secret(value: str, owner: Tenant | None = None, *, is_shared: bool = False) -> None:
    Secret.objects.create(
        tenant=owner, secret_key=value, value=value, is_shared=is_shared, scope_key=f"{owner}:{value}"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_own(kind: str) -> None:
    executor, columns = COMPLETE[kind]
    assert type(built(make.task(execution_type=kind, **columns))) is executor


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_that_lacks_something_has_none(kind: str) -> None:
    lacking = dict.fromkeys(KINDS[kind].needs, "")
    with pytest.raises(IncompleteTaskError) as error:
        built(make.task(execution_type=kind, is_enabled=False, **lacking))
    assert error.value.columns == list(KINDS[kind].needs)


def test_every_secret_column_of_the_task_is_masked() -> None:
    values = {column: f"https://example.com/{column}" for column in SECRET_COLUMNS}
    assert set(values.values()) <= set(secrets_of(ScheduledTask(**values)))


def test_what_an_address_hides_is_masked_by_itself() -> None:
    hidden = secrets_of(
        ScheduledTask(webhook_url="https://me:hunter22@example.com/hook?token=hunter33-hunter33")
    )
    assert {"hunter22", "hunter33-hunter33"} <= set(hidden)


def test_the_values_of_headers_are_masked_by_themselves_and_their_names_are_not() -> None:
    headers = {"Authorization": "Bearer hunter22", "X-Number": 12345678}
    hidden = secrets_of(ScheduledTask(webhook_headers=json.dumps(headers)))
    assert {"Bearer hunter22", "12345678"} <= set(hidden)
    assert "Authorization" not in hidden


@pytest.mark.parametrize("text", ["{", '["hunter22"]', "7"])
def test_what_is_no_object_is_masked_as_a_whole(text: str) -> None:
    assert text in secrets_of(ScheduledTask(webhook_headers=text))


def test_nothing_is_no_secret() -> None:
    assert secrets_of(ScheduledTask(webhook_headers='{"X-Empty": ""}')) == ['{"X-Empty": ""}']


def test_a_tenants_run_hides_its_own_secrets_and_what_is_shared_with_it() -> None:
    acme = make.tenant("acme")
    secret("own", acme), secret("theirs", make.tenant("other"))
    secret("shared", is_shared=True), secret("global")
    assert set(secrets_of(ScheduledTask(tenant=acme))) == {"own", "shared"}
    assert set(secrets_of(ScheduledTask())) == {"shared", "global"}
