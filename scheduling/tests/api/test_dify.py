"""*Test connection* by the API."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling.tests import make
from scheduling.tests.worker.dify_task import KEY, dify_task
from testing.callers import Caller, member, superuser
from testing.servers.dify_replay import DifyReplay, replays, says, transcript

pytestmark = pytest.mark.django_db
FORM = says(
    200,
    {
        "user_input_form": [
            {"text-input": {"variable": name, "required": True}}
            for name in ("start_time", "end_time", "city")
        ]
    },
)


def asked(dify: DifyReplay, **fields: Any) -> dict[str, Any]:
    return {"dify_url": dify.url, "dify_api_key": KEY, **fields}


def test_a_task_is_tested_with_what_a_run_would_send() -> None:
    with DifyReplay(replays(transcript("info")), FORM) as dify:
        columns = {"schedule_type": "interval", "interval_minutes": 10, "use_windows": True}
        task = dify_task(dify, input_params={"country": "DE"}, cron_expression="", **columns)
        found = superuser().post(f"/scheduled-tasks/{task.pk}/test-connection").json()
    assert found | {"app_name": "", "detail": ""} == {
        "ok": False,
        "app_name": "",
        "mode": "workflow",
        "server_version": "1.15.0",
        "missing_inputs": ["city"],
        "undeclared_inputs": ["country"],
        "detail": "",
    }


def test_only_a_dify_task_has_a_connection_to_test() -> None:
    assert superuser().post(f"/scheduled-tasks/{make.task().pk}/test-connection").status_code == 422


def test_an_app_is_tested_before_there_is_a_task() -> None:
    with DifyReplay(replays(transcript("info")), says(200, {"user_input_form": []})) as dify:
        found = member("operator").post("/dify/test", asked(dify, dify_app_type="workflow")).json()
    assert found["ok"]
    assert dify.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_key_that_dify_repeats_is_masked() -> None:
    refusal = says(401, {"code": "unauthorized", "message": f"{KEY} is invalid"})
    with DifyReplay(refusal) as dify:
        answer = superuser().post("/dify/test", asked(dify))
    assert answer.status_code == 200
    assert not answer.json()["ok"]
    assert KEY not in answer.content.decode()


@pytest.mark.parametrize(
    "fields",
    [{"dify_url": ""}, {"dify_api_key": ""}, {"dify_app_type": "agent"}, {"input_params": []}, {"more": 1}],
)
def test_what_can_not_be_tested_is_refused(fields: dict[str, Any]) -> None:
    with DifyReplay() as dify:
        assert superuser().post("/dify/test", asked(dify) | fields).status_code == 422


def test_a_private_address_that_is_not_allowed_is_no_door(settings: Any) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ()
    with DifyReplay() as dify:
        found = superuser().post("/dify/test", asked(dify)).json()
    assert not found["ok"]
    assert "not a public address" in found["detail"]


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 200), ("admin", 200)])
def test_who_only_reads_tests_nothing(role: str, status: int) -> None:
    body = {"dify_url": "http://127.0.0.1:1", "dify_api_key": KEY}
    assert member(role).post("/dify/test", body).status_code == status
    assert Caller().post("/dify/test", body).status_code == 401
