"""All that a channel of type `pager` must have without a word about it elsewhere. Runs in a copy that has the type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from common import metrics
from notifications import alerts
from notifications.facts import RunFacts
from notifications.models import DeliveryStatus, NotifyChannel
from notifications.tests.outgoing import START, Clock, drain, queue
from platform_site.tests.pager.robot import pager
from testing.callers import Caller, member, tenant
from testing.servers.webhook import Webhook
from testing.world import listing, page, world

pytestmark = pytest.mark.django_db(transaction=True)
CHANNEL = {"tenant_id": "acme", "channel_name": "duty", "channel_type": "pager"}


@pytest.fixture
def admin() -> Caller:
    return member("admin")


@pytest.fixture
def robot() -> Iterator[Webhook]:
    with pager() as running:
        yield running


@pytest.fixture
def channel(admin: Caller, robot: Webhook) -> NotifyChannel:
    saved = admin.post("/notification-channels", CHANNEL | {"webhook_url": robot.url})
    assert saved.status_code == 201, saved.content
    return NotifyChannel.objects.get()


def test_the_api_checks_its_address(admin: Caller) -> None:
    refused = admin.post("/notification-channels", CHANNEL | {"webhook_url": "nowhere://at-all"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "webhook_url")


def test_the_api_document_names_it(admin: Caller) -> None:
    schemas = admin.get("/openapi.json").json()["components"]["schemas"]
    channels = ["dingtalk_bot", "wecom_bot", "feishu_bot", "apprise", "pager"]
    assert schemas["ChannelNew"]["properties"]["channel_type"]["enum"] == channels
    assert "pager" in schemas["MessagePreviewAsked"]["properties"]["channel_type"]["enum"]


def test_the_api_previews_a_message(admin: Caller) -> None:
    result = {"title": "Report", "content": "All is well, " * 9}
    answer = admin.post("/messages/preview", {"result": result, "channel_type": "pager"}).json()
    assert answer["payloads"] == [{"page": "Report: All is well, All is well, All is"}]
    assert len(answer["notes"]) == 1
    assert "All is well" in answer["html"]


def test_the_form_offers_it_and_its_page_shows_a_sample() -> None:
    client = world().client("admin")
    assert (
        '<option value="pager">Pager 7</option>'
        in client.get(listing(NotifyChannel) + "add/").content.decode()
    )
    form = {
        "tenant": "ours",
        "channel_name": "duty",
        "channel_type": "pager",
        "max_attempts": "4",
        "table_style": "list",
    }
    client.post(listing(NotifyChannel) + "add/", form | {"webhook_url": "https://pager.example/page/1"})
    saved = NotifyChannel.objects.get(channel_type="pager")
    assert "Daily report: " in client.get(page(saved)).content.decode()


def test_a_message_arrives_and_its_metrics_and_page_say_its_type(
    channel: NotifyChannel, robot: Webhook, clock: Clock, settings: Any
) -> None:
    sent = drain(queue(channel, "hello", title="duty"), clock)
    assert (sent.status, sent.errcode) == (DeliveryStatus.SENT, "0")
    assert robot.calls[0].json() == {"page": "duty: hello", "id": f"{sent.msg_uuid}-0"}
    metrics.flush()
    settings.METRICS_TOKEN = "scrape-me"
    shown = Client().get("/metrics", headers={"authorization": "Bearer scrape-me"}).content.decode()
    assert 'platform_deliveries_total{channel="pager",status="sent"} 1.0' in shown
    assert "Pager 7" in world().client("superuser").get(page(sent)).content.decode()


def test_its_limit_holds(channel: NotifyChannel, clock: Clock) -> None:
    sent = [drain(queue(channel, text), clock).status for text in ("first", "second", "third")]
    assert sent == ["sent", "sent", "pending"]
    clock.move(60)
    assert drain(channel.deliveries.latest("pk"), clock).status == "sent"


def test_an_alert_for_its_address_is_rendered_for_it(robot: Webhook, clock: Clock) -> None:
    facts = RunFacts(task_name="nightly", tenant_id=tenant("acme").code)
    (alert,) = alerts.enqueue("task_failed", facts, robot.url, START)
    assert alert.channel_type == "pager"
    assert drain(alert, clock).status == "sent"
    assert robot.calls[0].json()["page"].startswith("Task failed: nightly")
