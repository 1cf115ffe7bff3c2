"""A service that answers HTTP 200 to what has failed is judged by what its answer says."""

from collections.abc import Iterator
from typing import Any

import pytest

from common.redact import Masker
from scheduling.kinds.webhook.executor import WebhookConfig
from scheduling.kinds.webhook.success_condition import (
    MAX_SHOWN,
    PRESETS,
    UnmetError,
    condition_problem,
    parse_condition,
)
from scheduling.tests.kinds.webhook.test_executor import execute
from testing.servers.webhook import Webhook


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


def is_met(condition: str, answer: Any) -> bool:
    try:
        parse_condition(condition).require(answer, Masker([]).cut)
    except UnmetError:
        return False
    return True


@pytest.mark.parametrize(
    ("condition", "met", "unmet"),
    [
        ("errcode == 0", {"errcode": 0}, {"errcode": 93000}),
        ("errcode==0", {"errcode": "0"}, {"errcode": "-1"}),
        ("$.errcode == 0", {"errcode": 0}, {"errcode": False}),
        ("code != 500", {"code": 200}, {"code": 500}),
        ("code in [0, 200]", {"code": 200}, {"code": 201}),
        ("success == true", {"success": True}, {"success": 1}),
        ('data.state == "done"', {"data": {"state": "done"}}, {"data": {"state": "failed"}}),
        ('items[1].kind == "a"', {"items": [0, {"kind": "a"}]}, {"items": [{"kind": "a"}]}),
        ("[0].ok == true", [{"ok": True}], {"ok": True}),
        ("rows > 0", {"rows": 3}, {"rows": 0}),
        ("rows >= 3", {"rows": 3}, {"rows": "many"}),
        ("error == null", {"error": None}, {"error": "broken"}),
        ("data exists", {"data": None}, {"date": 1}),
        ('状态 == "成功"', {"状态": "成功"}, {"状态": "失败"}),
    ],
)
def test_a_condition_judges(condition: str, met: Any, unmet: Any) -> None:
    assert is_met(condition, met)
    assert not is_met(condition, unmet)


@pytest.mark.parametrize(
    "condition", ["errcode == 0", "errcode != 0", "errcode < 1", "errcode exists", "errcode in [0]"]
)
@pytest.mark.parametrize("answer", [{}, [], None, "errcode", {"data": {"errcode": 0}}])
def test_what_the_answer_does_not_say_meets_no_condition(condition: str, answer: Any) -> None:
    assert not is_met(condition, answer)


@pytest.mark.parametrize(
    "condition",
    [
        "errcode",
        "errcode = 0",
        "== 0",
        "errcode == ok",
        "errcode == 'ok'",
        "code in 0, 200",
        "a..b == 1",
        "code == ",
    ],
)
def test_what_is_no_condition_is_refused_in_words(condition: str) -> None:
    assert condition_problem(condition)


def test_a_long_path_is_refused_at_once() -> None:
    assert condition_problem("a" * 499 + "!")
    assert condition_problem("a.b[0]" * 80)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_a_condition(preset: str) -> None:
    assert condition_problem(preset) == ""


@pytest.mark.parametrize(
    ("condition", "answer", "came"),
    [
        ("errcode == 0", {"errcode": 93000, "errmsg": "invalid webhook url"}, "errcode is 93000"),
        ("code == 0", {"code": 500, "msg": "busy"}, "code is 500"),
        ("code == 0", {"message": "ok"}, "the answer has no code"),
        ("code == 0", b"<html>", "the answer has no code"),
    ],
)
def test_a_run_fails_with_what_was_expected_and_what_came(
    webhook: Webhook, condition: str, answer: Any, came: str
) -> None:
    webhook.answer = (200, answer)
    outcome = execute(WebhookConfig(webhook.url, success_condition=condition))
    assert (outcome.status, outcome.error_code, outcome.retryable) == ("failed", "webhook_failed", True)
    assert f"({condition}): {came}. The answer: " in outcome.error


def test_what_is_shown_of_a_value_cuts_no_secret_in_two() -> None:
    masker, secret = Masker(["s3cret-of-acme"]), "s3cret-of-acme"
    with pytest.raises(UnmetError) as unmet:
        parse_condition('key == ""').require({"key": "x" * (MAX_SHOWN - 5) + secret + "y"}, masker.cut)
    assert "s3c" not in masker.mask(str(unmet.value))


def test_an_answer_too_large_to_be_read_does_not_meet_it(webhook: Webhook) -> None:
    webhook.answer = (200, {"errcode": 0, "data": ["x"] * 1_500_000})
    outcome = execute(WebhookConfig(webhook.url, success_condition="errcode == 0"))
    assert outcome.error_code == "webhook_failed"


def test_an_answer_that_meets_it_is_a_success_with_its_message(webhook: Webhook) -> None:
    webhook.answer = (200, {"errcode": 0, "result": {"content": "done"}})
    outcome = execute(WebhookConfig(webhook.url, success_condition="errcode == 0"))
    assert (outcome.status, outcome.message) == ("success", {"content": "done"})


def test_without_a_condition_the_status_alone_counts(webhook: Webhook) -> None:
    webhook.answer = (200, {"errcode": 93000})
    assert execute(WebhookConfig(webhook.url)).status == "success"


def test_another_status_fails_whatever_the_answer_says(webhook: Webhook) -> None:
    webhook.answer = (500, {"errcode": 0})
    outcome = execute(WebhookConfig(webhook.url, success_condition="errcode == 0"))
    assert outcome.error_code == "http_status"
