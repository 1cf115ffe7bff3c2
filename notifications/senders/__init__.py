"""The senders of all kinds of channel, by `channel_type`.

`wecom_app` is a task's WeCom application, `json` an alert's address that is no robot.
"""

from .apprise import AppriseSender
from .base import Answer, AppCredentials, Clients, Http, Outcome, Sender, Target, guarded_client
from .dingtalk import DingTalkSender
from .feishu import FeishuSender
from .json_post import JsonSender
from .tokens import MemoryTokens, RedisTokens, TokenStore
from .wecom_app import WeComAppSender
from .wecom_bot import WeComBotSender

SENDERS: dict[str, type[Sender]] = {
    "dingtalk_bot": DingTalkSender,
    "wecom_bot": WeComBotSender,
    "wecom_app": WeComAppSender,
    "feishu_bot": FeishuSender,
    "apprise": AppriseSender,
    "json": JsonSender,
}

__all__ = [
    "SENDERS",
    "Answer",
    "AppCredentials",
    "Clients",
    "Http",
    "MemoryTokens",
    "Outcome",
    "RedisTokens",
    "Sender",
    "Target",
    "TokenStore",
    "guarded_client",
]
