"""What is wrong with an address stands beside its field, and a message is shown as the chat will show it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from notifications import alerts, outbox, trial
from notifications.channel_types import APPRISE, OF_CHANNELS
from notifications.facts import RunFacts
from notifications.models import Delivery, DeliveryKind, DeliveryStatus, NotifyChannel, WeComApp
from tenants.access import SYSTEM
from testing.servers.robots import Robots
from testing.world import ROBOT_TOKEN, World, listing, page

CHANNEL = {
    "tenant": "ours",
    "channel_name": "new",
    "channel_type": "dingtalk_bot",
    "webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
    "max_attempts": "4",
    "table_style": "list",
}
APP = {
    "tenant": "ours",
    "app_name": "new",
    "corp_id": "ww1",
    "agent_id": "1",
    "corp_secret": "secret",
    "api_base": "https://qyapi.weixin.qq.com",
}


@pytest.mark.parametrize(
    ("model", "form", "field", "value"),
    [
        (NotifyChannel, CHANNEL, "webhook_url", "ftp://example.com/x"),
        (NotifyChannel, CHANNEL, "webhook_url", "not an address"),
        (NotifyChannel, CHANNEL | {"channel_type": "apprise"}, "webhook_url", "nosuchservice://x"),
        (NotifyChannel, CHANNEL, "proxy_url", "socks9://proxy"),
        (WeComApp, APP, "api_base", "ftp://example.com"),
        (WeComApp, APP, "proxy_url", "socks9://proxy"),
    ],
)
def test_a_wrong_address_is_refused_beside_its_field(
    world: World, model: type[Any], form: dict[str, str], field: str, value: str
) -> None:
    answer = world.client("admin").post(listing(model) + "add/", form | {field: value})
    assert field in answer.context["adminform"].form.errors
    assert not model.objects.filter(
        **{"channel_name" if model is NotifyChannel else "app_name": "new"}
    ).exists()


@pytest.mark.parametrize(("model", "form"), [(NotifyChannel, CHANNEL), (WeComApp, APP)])
def test_a_right_one_is_taken(world: World, model: type[Any], form: dict[str, str]) -> None:
    assert world.client("admin").post(listing(model) + "add/", form).status_code == 302


def in_frame(page: str) -> str:
    """The document of the page's message, whose frame lets no script run."""
    found = re.search(
        r'<iframe class="message" sandbox="([^"]*)" title="[^"]+" srcdoc="([^"]*)"></iframe>', page
    )
    assert found
    assert "allow-scripts" not in found[1]
    return unescape(found[2])


@pytest.mark.parametrize("kind", OF_CHANNELS)
def test_a_channels_page_shows_how_a_message_looks_there(world: World, kind: str) -> None:
    url = "ntfy://example.com/topic" if kind == APPRISE.name else CHANNEL["webhook_url"]
    NotifyChannel.objects.filter(pk=world.channel.pk).update(channel_type=kind, webhook_url=url)
    shown = in_frame(world.client("viewer").get(page(world.channel)).content.decode())
    assert '<div class="bubble">' in shown
    assert "1,284" in shown


@pytest.fixture
def delivery(world: World) -> Delivery:
    message = outbox.OutgoingMessage(
        {"content": "**all well** <script>"}, DeliveryKind.RESULT, tenant_id="ours"
    )
    return outbox.enqueue([world.channel], message, timezone.now())[0]


def test_a_waiting_message_is_shown_as_it_will_look(world: World, delivery: Delivery) -> None:
    shown = in_frame(world.client("viewer").get(page(delivery)).content.decode())
    assert "<b>all well</b> &lt;script&gt;" in shown


def test_a_waiting_alert_for_an_address_that_is_no_robot_is_shown_as_json(world: World) -> None:
    facts = RunFacts(tenant_id="ours", task_name="nightly")
    (row,) = alerts.enqueue("task_failed", facts, "https://example.com/alerts", timezone.now())
    shown = in_frame(world.client("viewer").get(page(row)).content.decode())
    assert "&quot;task_name&quot;: &quot;nightly&quot;" in shown


def test_a_message_that_was_sent_is_shown_as_it_looked(world: World) -> None:
    with Robots() as robots:
        world.channel.webhook_url, world.channel.sign_secret = robots.dingtalk().url, ""
        sent = trial.send(world.channel, SYSTEM, "**all well**", timezone.now)
    assert sent.status == DeliveryStatus.SENT
    shown = in_frame(world.client("viewer").get(page(sent)).content.decode())
    assert shown.count('<div class="bubble"><p><b>all well</b></p></div>') == 1


@pytest.mark.parametrize("status", list(DeliveryStatus))
def test_every_state_says_what_became_of_it(world: World, delivery: Delivery, status: DeliveryStatus) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        status=status, errcode="310000", response='{"errcode":310000}'
    )
    shown = world.client("viewer").get(page(delivery))
    assert "310000" in shown.content.decode()
    assert ROBOT_TOKEN not in shown.content.decode()


def test_a_channels_page_lists_what_went_there_lately(world: World, delivery: Delivery) -> None:
    assert page(delivery) in world.client("viewer").get(page(world.channel)).content.decode()
