import ipaddress
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from common.http import Client, Policy
from scheduling.execution import Occasion, Outcome
from scheduling.kinds.webhook.executor import WebhookConfig, WebhookExecutor, signature
from scheduling.tests.kinds.context import FakeContext
from testing.servers.webhook import Webhook

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
OCCASION = Occasion(
    task_id=7,
    task_name="日报",
    tenant_id="acme",
    trace_id="trace-1",
    timezone="UTC",
    due_at="2026-11-20T08:00:00+00:00",
    params={"day": 1},
)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


def execute(
    config: WebhookConfig,
    context: FakeContext | None = None,
    params: dict[str, Any] | None = None,
    **policy: Any,
) -> Outcome:
    def client(seconds: float) -> Client:
        given: dict[str, Any] = {"allowed_networks": LOOPBACK, "total_seconds": seconds}
        return Client(Policy(**given | policy))

    occasion = replace(OCCASION, params=params) if params else OCCASION
    executor = WebhookExecutor(config, occasion, client, clock=lambda: 1700000000.9)
    return executor.execute(context or FakeContext())


def test_the_body_says_what_runs_and_when(webhook: Webhook) -> None:
    assert execute(WebhookConfig(webhook.url)).status == "success"
    [call] = webhook.calls
    assert call.method == "POST"
    assert json.loads(call.body) == {
        "task_id": 7,
        "task_name": "日报",
        "trace_id": "trace-1",
        "due_at": "2026-11-20T08:00:00+00:00",
        "window_start": None,
        "window_end": None,
        "params": {"day": 1},
    }
    assert call.headers["idempotency-key"] == "trace-1"


def test_the_signature_has_a_vector() -> None:
    expected = "sha256=1698a50bc74d1ff1db85c4e0a5297c2ad9fdba245d5737cdb789e4cc6e098940"
    assert signature("s3cret", 1700000000, b'{"a":1}') == expected


def test_a_secret_signs_the_very_bytes_that_are_sent(webhook: Webhook) -> None:
    execute(WebhookConfig(webhook.url, secret="s3cret"))
    [call] = webhook.calls
    assert call.headers["x-platform-timestamp"] == "1700000000"
    assert call.headers["x-platform-signature"] == signature("s3cret", 1700000000, call.body)


def test_without_a_secret_nothing_is_signed(webhook: Webhook) -> None:
    execute(WebhookConfig(webhook.url))
    assert "x-platform-signature" not in webhook.calls[0].headers


def test_a_template_makes_the_body_and_headers_are_the_tasks_own(webhook: Webhook) -> None:
    config = WebhookConfig(
        webhook.url,
        method="PUT",
        headers={"content-type": "text/plain", "X-Team": "ops"},
        body_template="{{ task_name }} {{ params.day }} {{ params|tojson }}",
    )
    execute(config)
    [call] = webhook.calls
    assert (call.method, call.body.decode()) == ("PUT", '日报 1 {"day": 1}')
    assert (call.headers["content-type"], call.headers["x-team"]) == ("text/plain", "ops")


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "application/x+json"]
)
def test_a_body_that_should_be_json_and_is_not_calls_nobody(webhook: Webhook, content_type: str) -> None:
    template = '{"text": "{{ params.text }}"}'
    config = WebhookConfig(webhook.url, headers={"content-type": content_type}, body_template=template)
    assert execute(config, params={"text": "fine"}).status == "success"
    outcome = execute(config, params={"text": 'He said "no"'})
    assert (outcome.error_code, len(webhook.calls)) == ("config_error", 1)
    assert "The body is not JSON" in outcome.error
    assert "|tojson" in outcome.error


def test_a_body_of_another_type_or_none_is_sent_as_it_is(webhook: Webhook) -> None:
    execute(WebhookConfig(webhook.url, headers={"Content-Type": "text/plain"}, body_template="{no json"))
    execute(WebhookConfig(webhook.url, body_template="{# nothing #}"))
    assert [call.body for call in webhook.calls] == [b"{no json", b""]


def test_a_message_in_the_answer_is_sent_on(webhook: Webhook) -> None:
    webhook.answer = (200, {"result": {"content": "done"}})
    assert execute(WebhookConfig(webhook.url)).message == {"content": "done"}


def test_an_answer_without_a_message_sends_none(webhook: Webhook) -> None:
    webhook.answer = (204, ["no", "object"])
    assert execute(WebhookConfig(webhook.url)).message is None


def test_anything_but_2xx_fails_with_what_was_said(webhook: Webhook) -> None:
    webhook.answer = (503, {"reason": "maintenance"})
    outcome = execute(WebhookConfig(webhook.url))
    assert (outcome.status, outcome.error_code) == ("failed", "http_status")
    assert "503" in outcome.error
    assert "maintenance" in outcome.error


def test_a_redirect_is_not_followed_with_the_body(webhook: Webhook) -> None:
    webhook.answer = (302, b"")
    webhook.headers["Location"] = "https://e.com/login?token=hunter2hunter2"
    outcome = execute(WebhookConfig(webhook.url))
    assert (outcome.error_code, len(webhook.calls)) == ("http_status", 1)
    assert "HTTP 302: redirects are not followed: this one leads to https://e.com/login" in outcome.error
    assert "hunter2hunter2" not in outcome.error


def test_a_message_in_another_charset_is_sent_on(webhook: Webhook) -> None:
    webhook.answer = (200, '{"result": {"content": "完成"}}'.encode("gbk"))
    webhook.headers["Content-Type"] = "application/json; charset=GBK"
    assert execute(WebhookConfig(webhook.url)).message == {"content": "完成"}


def test_a_private_address_is_refused_with_what_to_do(webhook: Webhook) -> None:
    outcome = execute(WebhookConfig(webhook.url), allowed_networks=())
    assert outcome.error_code == "address_refused"
    assert "OUTBOUND_ALLOWED_NETWORKS" in outcome.error
    assert webhook.calls == []


def test_nobody_listening_is_a_connect_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert execute(WebhookConfig(f"http://127.0.0.1:{port}/")).error_code == "connect_error"


def test_silence_ends_as_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert execute(WebhookConfig(url), read_seconds=0.2, total_seconds=0.2).error_code == "timeout"


def test_what_came_before_the_request_leaves_it_less_time() -> None:
    given: list[float] = []

    class SlowLog(FakeContext):
        def line(self, text: str, stream: Any = "system") -> None:
            self.seconds_left = 7

    def client(seconds: float) -> Client:
        given.append(seconds)
        return Client(Policy())

    context = SlowLog(seconds=1000)
    WebhookExecutor(WebhookConfig("http://127.0.0.1:9/"), OCCASION, client).execute(context)
    assert given == [7]


def test_nobody_is_called_once_the_time_is_over(webhook: Webhook) -> None:
    outcome = execute(WebhookConfig(webhook.url), FakeContext(seconds=0))
    assert (outcome.error_code, webhook.calls) == ("timeout", [])


def test_a_huge_answer_is_refused(webhook: Webhook) -> None:
    webhook.answer = (200, "x" * 5000)
    assert execute(WebhookConfig(webhook.url), max_bytes=1000).error_code == "response_too_large"


def test_a_canceled_run_is_canceled_not_failed(webhook: Webhook) -> None:
    context = FakeContext()
    context.switch.cancel()
    assert execute(WebhookConfig(webhook.url), context).status == "canceled"
    assert webhook.calls == []


def test_a_wrong_template_calls_nobody(webhook: Webhook) -> None:
    outcome = execute(WebhookConfig(webhook.url, body_template="{{ nothing.here }}"))
    assert outcome.error_code == "config_error"
    assert webhook.calls == []


def test_a_password_in_the_address_is_not_logged(webhook: Webhook) -> None:
    context = FakeContext()
    execute(WebhookConfig(webhook.url.replace("http://", "http://me:hunter2@") + "?key=abc"), context)
    assert "hunter2" not in context.text
    assert "abc" not in context.text


class TestAResultThatIsNotTaken:
    """The call has succeeded: the run does too, and says why there is no message."""

    def deep(self, levels: int) -> Any:
        value: Any = "end"
        for _ in range(levels):
            value = [value]
        return value

    @pytest.mark.parametrize("levels", [65, 400])
    def test_is_nested_too_deeply(self, webhook: Webhook, levels: int) -> None:
        context = FakeContext()
        webhook.answer = (200, {"result": self.deep(levels)})
        outcome = execute(WebhookConfig(webhook.url), context)
        assert (outcome.status, outcome.result, outcome.message) == ("success", None, None)
        assert outcome.unsaid == "The webhook's result is nested more than 64 levels deep."
        assert outcome.unsaid in context.text

    def test_so_deeply_that_no_parser_follows(self, webhook: Webhook) -> None:
        webhook.answer = (200, b'{"result": ' + b"[" * 5000 + b"]" * 5000 + b"}")
        outcome = execute(WebhookConfig(webhook.url))
        assert outcome.unsaid == "The webhook's answer is nested more than 64 levels deep."

    def test_is_larger_than_256_kib(self, webhook: Webhook) -> None:
        webhook.answer = (200, {"result": "x" * (256 << 10)})
        outcome = execute(WebhookConfig(webhook.url))
        assert (outcome.status, outcome.result) == ("success", None)
        assert "262,146 bytes as JSON; at most 262,144 are allowed" in outcome.unsaid

    def test_of_more_than_that_by_far_nothing_is_read(self, webhook: Webhook) -> None:
        webhook.answer = (200, {"result": ["x"] * 1_500_000})
        outcome = execute(WebhookConfig(webhook.url))
        assert (outcome.status, outcome.result) == ("success", None)
        assert "so it gives no result" in outcome.unsaid

    def test_64_levels_and_256_kib_are_taken(self, webhook: Webhook) -> None:
        for result in (self.deep(64), "x" * ((256 << 10) - 2)):
            webhook.answer = (200, {"result": result})
            assert execute(WebhookConfig(webhook.url)).result == result

    def test_what_is_no_json_at_all_has_none_to_miss(self, webhook: Webhook) -> None:
        webhook.answer = (200, b"<html>" + b"x" * (2 << 20))
        outcome = execute(WebhookConfig(webhook.url))
        assert (outcome.status, outcome.unsaid) == ("success", "")


def test_a_template_that_never_ends_ends_its_run_in_words() -> None:
    bomb = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    outcome = execute(WebhookConfig("http://127.0.0.1:9/", body_template=bomb))
    assert outcome.error_code == "config_error"
    assert outcome.error == "The body template can't be rendered: This takes more than 2 s of CPU time."
