"""Would a run begin? Nothing is started to find out."""

from typing import Any

import pytest

from scheduling.clients.dify import AppType
from scheduling.clients.dify.connection import Connection, try_connection
from tests.servers.dify_replay import Answer, DifyReplay, replays, says, transcript

from .dify_app import client_of

INFO = replays(transcript("info"))
FORM = says(200, {"user_input_form": [{"text-input": {"variable": "city", "required": True}}]})


def tried(*answers: Answer, app_type: AppType = "workflow", **inputs: Any) -> Connection:
    with DifyReplay(*answers) as server:
        found = try_connection(client_of(server), app_type, inputs)
    assert {request.path for request in server.requests} <= {"/v1/info", "/v1/parameters"}
    return found


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
    ("answer", "said"),
    [
        (replays(transcript("err_bad_key")), "refused the API key"),
        (says(200, b"<html>"), "no Dify API answers at this URL"),
        (says(502, b"<html>"), "HTTP 502"),
        (Answer(()), "ConnectionLost|hung up|RemoteDisconnected"),
    ],
)
def test_what_is_wrong_is_said(answer: Answer, said: str) -> None:
    found = tried(answer)
    assert not found.ok
    assert any(part in found.detail for part in said.split("|"))
