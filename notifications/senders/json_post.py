"""Sends alerts to an address that is no robot's: the payload is posted as JSON, and 2xx is success."""

from typing import Any

from common.http import Response

from .base import Answer, Outcome, Sender, Target

PAUSE_SECONDS = 60


class JsonSender(Sender):
    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        return self.post(target, target.url, payload)

    def judge(self, response: Response) -> Answer:
        if response.status == 429:
            outcome = Outcome.RATE
        elif response.is_success:
            outcome = Outcome.SENT
        else:
            outcome = Outcome.TRANSIENT if response.status >= 500 else Outcome.PERMANENT
        pause = PAUSE_SECONDS if outcome is Outcome.RATE else 0
        message = f"HTTP {response.status}"
        return Answer(outcome, errmsg=message, response=response.text, pause_seconds=pause)

    def pause_seconds(self) -> float:
        return PAUSE_SECONDS
