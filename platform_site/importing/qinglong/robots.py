"""The robots that QingLong's variables name, as its notify.py reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from notifications.channel_types import DINGTALK_BOT, FEISHU_BOT, WECOM_BOT


@dataclass(frozen=True)
class Robot:
    """`token` and `secret` are the names of variables; the token ends the address."""

    channel_type: str
    token: str
    secret: str
    address: str


ROBOTS = (
    Robot(
        DINGTALK_BOT.name,
        "DD_BOT_TOKEN",
        "DD_BOT_SECRET",
        "https://oapi.dingtalk.com/robot/send?access_token=",
    ),
    Robot(WECOM_BOT.name, "QYWX_KEY", "", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="),
    Robot(FEISHU_BOT.name, "FSKEY", "FSSECRET", "https://open.feishu.cn/open-apis/bot/v2/hook/"),
)


def robots_of(variables: Mapping[str, str]) -> Iterator[tuple[Robot, str, str]]:
    """Yield each robot with its address and sign secret."""
    for robot in ROBOTS:
        if token := variables.get(robot.token, "").strip():
            yield robot, robot.address + token, variables.get(robot.secret, "").strip()
