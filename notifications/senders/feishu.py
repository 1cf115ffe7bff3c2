"""The sender of a Feishu robot. https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot"""

import base64
import hashlib
import hmac
from typing import Any

from .base import Answer, Outcome, Sender, Target

PAUSE_SECONDS = 5  # rates.py doubles it for each refusal, up to 60


class FeishuSender(Sender):
    """Feishu has no idempotency key: a message whose answer was lost is not sent again."""

    # A robot of the first generation, and a gateway before one, answers in the capitalized names alone.
    code_names, text_names = ("code", "StatusCode"), ("msg", "StatusMessage")
    outcomes = {"11232": Outcome.RATE, "9499": Outcome.FAULT}
    notes = {"19001": "robot_gone", "19021": "feishu_sign", "19022": "feishu_ip", "19024": "feishu_keyword"}

    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        signed = signature(target.secret, int(self.clock())) if target.secret else {}
        return self.post(target, target.url, payload | signed)

    def outcome_of(self, code: str, text: str) -> Outcome:
        """Return what a code means. 9499 is a wrong body or too many messages, which only its text tells apart."""
        if code == "9499" and "too many" in text.lower():
            return Outcome.RATE
        return super().outcome_of(code, text)

    def pause_seconds(self) -> float:
        return PAUSE_SECONDS


def signature(secret: str, seconds: int) -> dict[str, str]:
    """Return the members of the body that sign it. The secret is part of HMAC's key, and its message is empty."""
    digest = hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": str(seconds), "sign": base64.b64encode(digest).decode()}
