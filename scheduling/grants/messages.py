"""The grants `dingtalk`, `wecom` and `notify`: they queue a `direct` delivery in the same outbox as results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.json_values import MAX_DEPTH, is_deeper
from notifications import outbox
from notifications.channel_types import DINGTALK_BOT, WECOM_BOT, ChannelType
from notifications.models import Delivery, Destination, NotifyChannel
from notifications.outbox import OutgoingMessage


class Messages:
    """`outgoing` makes the message of the run; `channels` are the task's own, `reachable` all it may name."""

    def __init__(
        self,
        outgoing: Callable[[Any], OutgoingMessage],
        channels: Callable[[], Sequence[Destination]],
        reachable: Callable[[], Sequence[NotifyChannel]],
    ) -> None:
        self.outgoing, self.channels, self.reachable = outgoing, channels, reachable

    def dingtalk(self, webhook_url: str, content: str, title: str) -> dict[str, int]:
        return self._to_address(DINGTALK_BOT, webhook_url, {"title": title, "content": content})

    def wecom(self, webhook_url: str, content: str) -> dict[str, int]:
        return self._to_address(WECOM_BOT, webhook_url, {"content": content})

    def notify(self, message: Any, channel: int | str | None) -> dict[str, int]:
        require_fit(message)
        chosen = self.channels() if channel is None else [find_channel(channel, self.reachable())]
        if not chosen:
            raise LookupError("notify(): the task has no channels; name one")
        with transaction.atomic():
            return _delivery_ids(outbox.enqueue(chosen, self.outgoing(message), timezone.now()))

    def _to_address(self, kind: ChannelType, url: str, message: Any) -> dict[str, int]:
        require_address(url)
        with transaction.atomic():
            return _delivery_ids(
                outbox.enqueue_to_address(kind.name, url, self.outgoing(message), timezone.now())
            )


def find_channel(channel: int | str, reachable: Sequence[NotifyChannel]) -> NotifyChannel:
    """Find the channel by its id or its name. Raises LookupError."""
    for row in reachable:
        if channel in (row.pk, row.channel_name):
            return row
    raise LookupError(f"notify(): there is no channel {channel!r} for this task")


def require_fit(message: Any) -> None:
    if is_deeper(message, MAX_DEPTH):
        raise ValueError(f"notify(): the message is nested more than {MAX_DEPTH} levels deep")


def require_address(url: object) -> None:
    if not isinstance(url, str) or "://" not in url:
        raise ValueError("webhook_url must be a web address")


def _delivery_ids(rows: list[Delivery]) -> dict[str, int]:
    return {"delivery_id": rows[0].pk}
