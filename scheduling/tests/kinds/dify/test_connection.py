"""Would a run begin? Nothing is started to find out."""

from typing import Any

import pytest

from scheduling.kinds.dify.client import AppType
from scheduling.kinds.dify.client.connection import Connection, try_connection
from testing.servers.dify_replay import Answer, DifyReplay, replays, says, transcript

from .app import client_of

INFO = replays(transcript("info"))
FORM = says(200, {"user_input_form": [{"text-input": {"variable": "city", "required": True}}]})


VERSION = "1e1deff4-2ccc-4ebb-b6a6-c8b0066a85c5"


def tried(
    *answers: Answer, app_type: AppType = "workflow", workflow_id: str = "", **inputs: Any
) -> Connection:
    with DifyReplay(*answers) as server:
        found = try_connection(client_of(server), app_type, inputs, workflow_id)
    asked = {"/v1/info", "/v1/parameters"} | ({f"/v1/workflows/{workflow_id}/run"} if workflow_id else set())
    assert {request.path for request in server.requests} <= asked
    return found


@pytest.mark.parametrize(
    ("name", "exists"),
    [("err_workflow_id_unknown", False), ("err_workflow_id_bad", False), ("file_run_other_user", True)],
)
def test_the_fixed_version_is_asked_for_without_a_run(name: str, exists: bool) -> None:
    with DifyReplay(INFO, FORM, replays(transcript(name))) as server:
        found = try_connection(client_of(server), "workflow", {"city": "Köln"}, VERSION)
    assert found.ok is exists
    assert exists or VERSION in found.detail
    asked = server.requests[2].json()
    assert asked["response_mode"] == "blocking"
    assert asked["files"][0]["upload_file_id"].strip("0-") == ""


@pytest.mark.parametrize("body", [{}, {"ok": True}, {"name": "nginx", "status": "up"}])
def test_a_server_that_answers_json_and_is_not_dify_is_said_to_be_none(body: dict[str, Any]) -> None:
    found = tried(says(200, body))
    assert not found.ok
    assert "not Dify" in found.detail


def test_neither_is_one_whose_parameters_are_none() -> None:
    assert "not Dify" in tried(INFO, says(200, {"ok": True})).detail


def test_an_app_that_is_not_published_is_to_be_published() -> None:
    words = "App unavailable, please check your app configurations."
    found = tried(INFO, says(400, {"code": "app_unavailable", "message": words, "status": 400}))
    assert not found.ok
    assert "publish it in Dify first" in found.detail
    assert (found.app_name, found.server_version) == ("ok: report", "1.15.0")


def test_all_is_well() -> None:
    found = tried(INFO, FORM, city="Köln")
    assert (found.ok, found.detail) == (True, "")
    assert (found.mode, found.server_version) == ("workflow", "1.15.0")
    assert found.app_name


def test_a_required_input_that_is_missing_fails() -> None:
    found = tried(INFO, FORM)
    assert (found.ok, found.missing_inputs) == (False, ("city",))
    assert "city" in found.detail


def test_an_input_that_dify_would_drop_is_only_said() -> None:
    found = tried(INFO, FORM, city="Köln", country="DE")
    assert (found.ok, found.undeclared_inputs) == (True, ("country",))
    assert "country" in found.detail


def test_an_app_of_another_mode_fails() -> None:
    found = tried(INFO, FORM, app_type="chat", city="Köln")
    assert not found.ok
    assert "mode workflow" in found.detail


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (replays(transcript("err_bad_key")), "refused the API key"),
        (says(200, b"<html>"), "no Dify API answers at this URL"),
        (says(502, b"<html>"), "HTTP 502"),
        (Answer(()), "ConnectionLost|hung up|RemoteDisconnected"),
    ],
)
def test_what_is_wrong_is_said(answer: Answer, reason: str) -> None:
    found = tried(answer)
    assert not found.ok
    assert any(part in found.detail for part in reason.split("|"))
