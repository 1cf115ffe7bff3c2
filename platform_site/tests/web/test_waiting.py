"""Whatever waits for something outside leaves half of web's threads to everybody else."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from common.concurrency import MAX_OF_ONE, NoPlaceError, hold_place
from notifications.models import NotifyChannel
from platform_site.tests.web.conftest import Starter, Web, heard
from scheduling.acts import data_sources
from scheduling.models import DataSource
from testing.callers import member, tenant
from testing.patience import eventually

MANY = 20


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=100)) as server:
        yield server.getsockname()[1]


def ask_many(here: Web, token: str, paths: list[str], body: dict[str, Any]) -> list[bytes]:
    """What those hear that are not let in, while the others wait."""
    sent = json.dumps(body)
    own = ("Host: localhost", f"Authorization: Bearer {token}", "Content-Type: application/json")
    rest = ("Connection: close", f"Content-Length: {len(sent)}", "", sent)
    socks = [here.begin(f"POST /api{path} HTTP/1.1", *own, *rest) for path in paths]
    eventually(lambda: len(select.select(socks, [], [], 0)[0]) >= len(paths) - MAX_OF_ONE)
    assert here.is_healthy()
    return [heard(sock) for sock in select.select(socks, [], [], 0)[0]]


def assert_told_to_come_again(answers: list[bytes]) -> None:
    for answer in answers:
        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"\r\nRetry-After: " in answer


def test_script_tests(web: Starter) -> None:
    """There is no worker: each would wait for one."""
    asked = {"tenant_id": "acme", "script_content": "time.sleep(60)", "timeout_seconds": 60}
    paths = MANY * ["/scheduled-tasks/test-script"]
    assert_told_to_come_again(ask_many(web(), member("admin").token, paths, asked))


def test_channel_tests(web: Starter, silent: int) -> None:
    """Each of a robot of its own: two messages at once to one are refused already."""
    rows = [channel(number, silent) for number in range(MANY)]
    paths = [f"/notification-channels/{row.pk}/test" for row in rows]
    assert_told_to_come_again(ask_many(web(), member("operator").token, paths, {}))


def channel(number: int, port: int) -> NotifyChannel:
    return NotifyChannel.objects.create(
        tenant=tenant("acme"),
        channel_name=f"ops {number}",
        channel_type="dingtalk_bot",
        webhook_url=f"http://127.0.0.1:{port}/robot/send?access_token={number}",
    )


def test_dify_tests(web: Starter, silent: int) -> None:
    asked = {"dify_url": f"http://127.0.0.1:{silent}/v1", "dify_api_key": "app-x"}
    assert_told_to_come_again(ask_many(web(), member("operator").token, MANY * ["/dify/test"], asked))


def test_a_data_source_that_is_tried_takes_a_place_too() -> None:
    row = DataSource(name="shop", dsn="sqlite:////nowhere.db")
    with ExitStack() as stack:
        for _ in range(MAX_OF_ONE):
            stack.enter_context(hold_place(None))
        with pytest.raises(NoPlaceError):
            data_sources.try_source(row)
