"""One set of names for every template."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.http import Client, Policy
from sandbox.host.turns import never
from scheduling.execution import Occasion
from scheduling.kinds.dify.config import DifyConfig, inputs_of, request_of
from scheduling.kinds.dify.message import message_of
from scheduling.kinds.template_names import filled, names_of
from scheduling.kinds.webhook.executor import WebhookConfig, WebhookExecutor
from scheduling.tests.kinds.context import FakeContext

OCCASION = Occasion(
    task_id=7,
    task_name="日报",
    tenant_id="acme",
    trace_id="trace-1",
    timezone="Asia/Shanghai",
    due_at="2026-11-20T08:00:00+00:00",
    window_start="2026-11-19T08:00:00+00:00",
    window_end="2026-11-20T08:00:00+00:00",
    params={"day": 1, "who": "王"},
)
SOURCE = (
    "{{ task.id }} {{ task.name }} {{ task.tenant_id }} {{ run.trace_id }} {{ run.due_at }} {{ window.start }} "
    "{{ window.end }} {{ params.day }} {{ run.params.who }} "
    "| {{ task_id }} {{ trace_id }} {{ due_at }} {{ window_start }}"
)
MADE = (
    "7 日报 acme trace-1 20日16时 19日16时 20日16时 1 王 "
    "| 7 trace-1 2026-11-20T08:00:00+00:00 2026-11-19T08:00:00+00:00"
)
FORMAT = "%d日%H时"


def test_every_template_sees_the_same_names() -> None:
    config = DifyConfig(query=SOURCE, user=SOURCE, result_template=SOURCE, window_time_format=FORMAT)
    request = request_of(config, OCCASION, FakeContext())
    assert (request.query, request.user) == (MADE, MADE)
    assert message_of({"text": "x"}, config, OCCASION, FakeContext())["content"] == MADE
    webhook = WebhookConfig("http://x/", body_template=SOURCE, window_time_format=FORMAT)
    assert WebhookExecutor(webhook, OCCASION, lambda seconds: Client(Policy()))._body(never).decode() == MADE
    inputs = inputs_of(config, _with(**OCCASION.params, text=SOURCE))
    assert inputs["text"] == MADE


def test_outputs_are_there_for_the_message() -> None:
    config = DifyConfig(result_template='{"content": {{ outputs.rows|tojson }}}')
    assert message_of({"rows": [1]}, config, OCCASION, FakeContext()) == {"content": [1]}


def _with(**params: Any) -> Occasion:
    return Occasion(**(vars(OCCASION) | {"params": params}))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("{due_at} {trace_id}", "2026-11-20 16:00:00 trace-1"),
        ("{{ run.due_at }} {{run.trace_id}} {{ params.day }}", "2026-11-20 16:00:00 trace-1 1"),
        ("{{ name }} {{ 7 * 7 }} {% if %} {x} {{ task }} {{ params.nothing }}", None),
        ("{{ task.__class__ }} {{ run.due_at.__class__ }}", None),
        ("{{ params.who }}", "{{ task.id }}"),
    ],
)
def test_an_input_has_its_names_filled_in_and_no_more(text: str, made: str | None) -> None:
    occasion = _with(day=1, who="{{ task.id }}")
    assert filled(text, names_of(occasion)) == (made or text)


def test_names_are_json() -> None:
    assert json.loads(json.dumps(names_of(OCCASION)))["window"]["end"] == "2026-11-20 16:00:00"
