"""The grants `dingtalk`, `wecom` and `notify` of a test run: checked as in a real run, then only recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notifications.channel_types import DINGTALK_BOT, WECOM_BOT
from notifications.models import NotifyChannel
from scheduling.grants.messages import find_channel, require_address, require_fit

ANSWER = {"delivery_id": None}


class Recorder:
    """`record` gets each call: its name, the message, and the channel's type ("" for all of the task's channels)."""

    def __init__(
        self, record: Callable[[str, Any, str], None], reachable: Callable[[], list[NotifyChannel]]
    ) -> None:
        self.record, self.reachable = record, reachable

    def dingtalk(self, webhook_url: str, content: str, title: str) -> dict[str, None]:
        require_address(webhook_url)
        self.record("dingtalk", {"title": title, "content": content}, DINGTALK_BOT.name)
        return ANSWER

    def wecom(self, webhook_url: str, content: str) -> dict[str, None]:
        require_address(webhook_url)
        self.record("wecom", {"content": content}, WECOM_BOT.name)
        return ANSWER

    def notify(self, message: Any, channel: int | str | None) -> dict[str, None]:
        require_fit(message)
        self.record(
            "notify", message, "" if channel is None else find_channel(channel, self.reachable()).channel_type
        )
        return ANSWER
