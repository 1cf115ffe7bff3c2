"""The sender of a pager."""

from __future__ import annotations

from typing import Any

from notifications.senders.base import Answer, Outcome, Sender, Target


class PagerSender(Sender):
    code_names, text_names = ("code",), ("reason",)
    outcomes = {"9": Outcome.RATE}
    may_repeat = True  # `id`

    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        return self.post(target, target.url, payload | {"id": key})

    def pause_seconds(self) -> float:
        return 60
