"""A text is cut where its secrets are known: of one that stands across the cut not even the beginning is kept.

Each text here is long, and holds the secret so that the place at which it used to be cut, or is, goes through it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.forms.models import model_to_dict

from notifications import outbox, sending
from notifications.models import Delivery, DeliveryKind, NotifyChannel
from scheduling.acts.dify_connection import MAX_DETAIL, check_connection
from scheduling.kinds.webhook import executor as webhooks
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.kinds.context import FakeContext
from scheduling.tests.worker.dify_task import KEY, NO_INPUTS, dify_task, finished, node, run_of
from scheduling.worker.attempt import attempt
from scheduling.worker.executors import secrets_of
from scheduling.worker.run_context import LiveContext
from scheduling.worker.run_secrets import MAX_ERROR
from tenants.models import Secret
from testing.servers.dify_replay import Answer, DifyReplay, says, streams
from testing.servers.openai import OpenAi
from testing.servers.webhook import Webhook

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Qz7-kP3xV9_wT5mB1"
PARTS = [SECRET[start : start + 8] for start in range(len(SECRET) - 7)]
FAR = 40_000  # characters behind the secret


@pytest.fixture(autouse=True)
def known(db: None) -> None:
    Secret.objects.create(tenant=make.tenant(), secret_key="key", value=SECRET, scope_key="acme:key")


@pytest.fixture(params=[8, len(SECRET) - 1], ids=["begun", "nearly whole"])
def shown(request: pytest.FixtureRequest) -> int:
    """How much of the secret would stand before the cut."""
    return int(request.param)


def across(edge: int, shown: int, before: str = "") -> str:
    """A text that comes after `before`, with the secret across its place `edge`."""
    return "." * (edge - len(before) - shown) + SECRET + "." * FAR


def kept_of(run: Run) -> str:
    attempt(run.trace_id)
    run = Run.objects.get(pk=run.pk)
    lines = list(run.lines.values_list("text", flat=True))
    rows = [model_to_dict(run), lines, list(Delivery.objects.values())]
    return json.dumps(rows, default=str, ensure_ascii=False)


def assert_hidden(kept: str) -> None:
    assert "...." in kept
    assert [part for part in PARTS if part in kept] == []


def script(source: str) -> Run:
    return run_of(make.task(datetime.now(UTC), script_content=source))


class TestAWebhook:
    @pytest.mark.parametrize("status", [200, 500])
    @pytest.mark.parametrize("edge", [webhooks.SAID, webhooks.SHOWN])
    def test_answers(self, status: int, edge: int, shown: int) -> None:
        with Webhook((status, across(edge, shown).encode())) as server:
            task = make.task(datetime.now(UTC), execution_type="webhook", webhook_url=server.url)
            assert_hidden(kept_of(run_of(task)))

    def test_has_a_template_that_fails_on_a_value(self, shown: int) -> None:
        task = make.task(
            datetime.now(UTC),
            execution_type="webhook",
            webhook_url="http://127.0.0.1:9/",
            webhook_body_template="{{ {}[params.a].b }}",
            input_params={"a": across(500, shown, "'dict object' has no attribute '")},
        )
        run = run_of(task)
        attempt(run.trace_id)
        run.refresh_from_db()
        assert "can't be rendered" in run.error
        assert [part for part in PARTS if part in run.error + run.output] == []


class TestAScript:
    @pytest.mark.parametrize("where", [8192, 10_000, 20_000])
    def test_fails(self, where: int, shown: int) -> None:
        run = script(f"raise ValueError({'.' * where!r} + {SECRET!r} + {'.' * where!r})")
        assert_hidden(kept_of(run))

    @pytest.mark.parametrize("last", [8192, 8192 - len("\n"), 500])
    def test_fails_with_a_long_text_that_ends_soon(self, last: int, shown: int) -> None:
        run = script(f"raise ValueError({'.' * FAR!r} + {SECRET!r} + {'.' * (last - shown)!r})")
        assert_hidden(kept_of(run))

    @pytest.mark.parametrize("edge", [500, 2000])
    def test_hears_of_an_ai(self, edge: int, shown: int, settings: Any) -> None:
        prefix = "The AI endpoint answered HTTP 400: "
        with OpenAi() as server:
            settings.AI_BASE_URL, settings.AI_API_KEY = server.base_url, "sk-test-0123456789abcdef"
            server.then = (400, {"error": {"message": across(edge, shown, prefix if edge == 2000 else "")}})
            assert_hidden(kept_of(script("ai('one')")))


class TestDify:
    def kept(self, *answers: Answer, **columns: Any) -> str:
        with DifyReplay(NO_INPUTS, *answers) as dify:
            return kept_of(run_of(dify_task(dify, **columns)))

    @pytest.mark.parametrize("edge", [500, MAX_ERROR - len("HTTP 400: ")])
    def test_refuses(self, edge: int, shown: int) -> None:
        assert_hidden(self.kept(says(400, {"code": "invalid_param", "message": across(edge, shown)})))

    def test_names_a_node_and_its_error(self, shown: int) -> None:
        events = (*node(across(200, shown), across(500, shown)), finished("succeeded", outputs={"a": "...."}))
        assert_hidden(self.kept(streams(*events)))

    @pytest.mark.parametrize("lines", ["", "short\n"])
    def test_streams_a_long_text(self, lines: str, shown: int) -> None:
        text = lines + across(20_000, shown, lines)
        pieces = [
            {"event": "text_chunk", "data": {"text": text[at : at + 7]}} for at in range(0, len(text), 7)
        ]
        assert_hidden(self.kept(streams(*pieces, finished("succeeded", outputs={"a": "...."}))))

    def test_fails_with_a_long_error(self, shown: int) -> None:
        assert_hidden(self.kept(streams(finished("failed", error=across(MAX_ERROR, shown)))))

    def test_hands_out_a_long_output(self, shown: int) -> None:
        NotifyChannel.objects.create(
            tenant=make.tenant(),
            channel_name="ops",
            channel_type="dingtalk_bot",
            webhook_url="https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
        )
        outputs = {"a": across(20_000, shown), "b": "short"}
        kept = self.kept(
            streams(finished("succeeded", outputs=outputs)),
            notify_channels=[NotifyChannel.objects.get().pk],
        )
        assert Delivery.objects.count() == 1
        assert_hidden(kept)

    def test_is_tried_out(self, shown: int) -> None:
        before = "Dify refused the API key: HTTP 403: "
        prefix = "." * (MAX_DETAIL - len(before) - shown) + KEY + "." * FAR
        with DifyReplay(says(403, {"code": "forbidden", "message": prefix})) as dify:
            found = check_connection(dify.url, KEY, "workflow", {}, None)
        assert "...." in found.detail
        assert KEY[:8] not in found.detail


@pytest.fixture
def robot() -> Iterator[Webhook]:
    with Webhook(path="/hook") as server:
        yield server


@pytest.mark.parametrize("edge", [sending.MAX_ANSWER_CHARACTERS, 500])
def test_a_service_answers_a_message(robot: Webhook, edge: int, shown: int) -> None:
    robot.answer = (400, across(edge, shown).encode())
    address = f"{robot.url}?access_token={SECRET}"
    row = outbox.enqueue_to_address(
        "json",
        address,
        outbox.OutgoingMessage(kind=DeliveryKind.ALERT, title="x", result={"a": 1}),
        datetime.now(UTC),
    )[0]
    sending.drain(row.robot, lambda: datetime.now(UTC))
    assert_hidden(json.dumps(list(Delivery.objects.values("response", "errmsg", "error"))))


def test_a_line_of_the_platforms_own_is_cut_and_a_scripts_is_not(shown: int) -> None:
    run = make.run(make.task())
    context = LiveContext(run, make.task(), secrets_of(make.task()))
    context.line(across(MAX_ERROR, shown))
    context.line("." * FAR, "stdout")
    [first, second] = [text for _, _, text in context.kept_run.lines.waiting]
    assert_hidden(first)
    assert (len(first), len(second)) == (MAX_ERROR - shown, FAR)


def test_what_a_script_calls_cuts_as_its_run_does() -> None:
    outer = FakeContext()
    outer.masker.add(SECRET)
    assert outer.cut("x" * 10 + SECRET, 18) == "x" * 10
