"""What people paste into a channel: white space around it goes, and an address of another service is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from notifications.models import NotifyChannel
from notifications.tests import outgoing
from notifications.tests.outgoing import Clock, drain, queue
from tenants import rows
from tenants.access import SYSTEM
from testing.callers import Caller, member, tenant
from testing.servers.robots import Robots

pytestmark = pytest.mark.django_db

DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=0123456789"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/0123456789"


def channel(**columns: Any) -> NotifyChannel:
    given = {"channel_name": "c", "channel_type": "dingtalk_bot", "webhook_url": DINGTALK, **columns}
    return rows.create(NotifyChannel(tenant_id=tenant().code, **given), SYSTEM)


@pytest.fixture
def admin() -> Caller:
    return member("admin")


PASTED = {
    "webhook_url": f" {DINGTALK}\n",
    "sign_secret": " SEC0123\r\n",
    "proxy_url": "\thttp://proxy.example:3128 ",
}
TRIMMED = {"webhook_url": DINGTALK, "sign_secret": "SEC0123", "proxy_url": "http://proxy.example:3128"}


def test_pasted_white_space_is_not_stored() -> None:
    made = channel(**PASTED)
    made.refresh_from_db()
    assert {name: getattr(made, name) for name in TRIMMED} == TRIMMED
    rows.change(made, {"sign_secret": " SEC4567 "}, SYSTEM)
    made.refresh_from_db()
    assert made.sign_secret == "SEC4567"


def test_the_api_trims_the_same(admin: Caller) -> None:
    body = {"channel_name": "c", "channel_type": "dingtalk_bot", **PASTED}
    made = admin.post("/notification-channels", body)
    assert made.status_code == 201, made.json()
    stored = NotifyChannel.objects.get(pk=made.json()["id"])
    assert {name: getattr(stored, name) for name in TRIMMED} == TRIMMED


def test_a_space_within_is_refused_in_words(admin: Caller) -> None:
    body = {"channel_name": "c", "channel_type": "dingtalk_bot", "webhook_url": DINGTALK + " x"}
    refused = admin.post("/notification-channels", body)
    assert refused.json()["errors"] == [
        {"field": "webhook_url", "message": "Write an address without spaces."}
    ]


@pytest.mark.parametrize(
    ("channel_type", "address", "names"),
    [
        ("wecom_bot", DINGTALK, "DingTalk robot"),
        ("feishu_bot", DINGTALK, "DingTalk robot"),
        ("dingtalk_bot", WECOM, "WeCom robot"),
        ("dingtalk_bot", FEISHU, "Feishu robot"),
    ],
)
def test_an_address_of_another_service_is_refused_with_its_name(
    channel_type: str, address: str, names: str
) -> None:
    with override("en"), pytest.raises(ValidationError) as refused:
        channel(channel_type=channel_type, webhook_url=address)
    assert names in refused.value.message_dict["webhook_url"][0]


@pytest.mark.parametrize(
    "address", [DINGTALK, "https://gateway.example/robot/send?access_token=0", "http://127.0.0.1:9/x"]
)
def test_a_gateway_before_the_service_is_no_other_service(address: str) -> None:
    assert channel(webhook_url=address).pk


@pytest.mark.parametrize(("style", "begins"), [("list", "- a: 1"), ("keep", "| a | b |")])
def test_a_channels_style_of_tables_is_that_of_its_messages(
    style: str, begins: str, robots: Robots, clock: Clock
) -> None:
    robot = robots.dingtalk()
    row = queue(
        outgoing.channel(robot, table_style=style), "| a | b |\n|---|---|\n| 1 | 2 |", msg_type="markdown"
    )
    drain(row, clock)
    (shown,) = robot.shown
    assert begins in shown["markdown"]["text"]
