from datetime import UTC, datetime

import pytest
from django.utils import translation

from notifications.alert_text import TITLES, alert_json, alert_message
from notifications.channel_types import CHANNEL_TYPES, WITH_RENDERER
from notifications.facts import RunFacts
from notifications.render import Page
from notifications.tests.render.completed import violation

FACTS = RunFacts(
    task_id=7,
    task_name="nightly | etl",
    tenant_id="acme",
    log_id=42,
    trace_id="t-42",
    status="failed",
    error="Traceback:\nValueError: boom",
    error_code="script_error",
    due_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    attempt=3,
    url="https://p.example/runs/42",
    output="\n".join(f"line {n}" for n in range(100)) + "\n```\n# not a heading",
    failures=2,
    duration_seconds=61.0,
    expected_seconds=60.0,
)


def test_the_json_has_the_promised_keys() -> None:
    assert alert_json("task_failed", FACTS) == {
        "event": "task_failed",
        "task_id": 7,
        "task_name": "nightly | etl",
        "tenant_id": "acme",
        "log_id": 42,
        "trace_id": "t-42",
        "status": "failed",
        "error": "Traceback:\nValueError: boom",
        "error_code": "script_error",
        "due_at": "2026-01-02T03:04:05+00:00",
        "attempt": 3,
        "url": "https://p.example/runs/42",
    }


def test_the_message_holds_what_one_looks_for_first() -> None:
    message = alert_message("task_failed", FACTS)
    assert "nightly | etl" in message.title
    for words in (
        "> ValueError: boom",
        "script_error",
        "2026-01-02 03:04:05 +0000",
        "(https://p.example/runs/42)",
    ):
        assert words in message.content


def test_a_chinese_alert_is_chinese() -> None:
    with translation.override("zh-hans"):
        content = alert_message("task_failed", FACTS).content
    assert '- 状态：<font color="warning">失败</font>' in content
    assert "已运行：61 秒" in content


def test_only_the_end_of_the_output_is_shown_and_it_stays_in_its_fence() -> None:
    content = alert_message("task_failed", FACTS).content
    assert "line 99" in content
    assert "line 0\n" not in content
    assert content.count("```") == 2


@pytest.mark.parametrize("event", TITLES)
@pytest.mark.parametrize("channel_type", WITH_RENDERER)
@pytest.mark.parametrize("facts", [FACTS, RunFacts(), RunFacts(task_name="x" * 500, error="字" * 50_000)])
def test_every_alert_is_something_every_service_takes(event: str, channel_type: str, facts: RunFacts) -> None:
    message = alert_message(event, facts)
    rendered = CHANNEL_TYPES[channel_type].render(message, Page(facts.url, facts.task_name))
    assert rendered.payloads
    assert [violation(channel_type, payload) for payload in rendered.payloads] == [None] * len(
        rendered.payloads
    )
