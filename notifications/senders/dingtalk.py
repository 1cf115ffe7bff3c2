"""The sender of a DingTalk robot. https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages"""

import base64
import hashlib
import hmac
import re
from typing import Any

from notifications.notes import Note, note

from .base import Answer, Outcome, Sender, Target

MUTED_SECONDS = 600  # a robot that sends more than 20 messages a minute is muted for ten

# 310000 has four meanings, which only its text tells apart. The order matters: a signature that is out of
# time is called 签名过期, and a text may end in a link to the documentation.
REFUSALS = {
    re.compile("keyword|关键词", re.IGNORECASE): "dingtalk_keyword",
    re.compile("timestamp|过期", re.IGNORECASE): "dingtalk_clock",
    re.compile(r"\bsign\b|签名", re.IGNORECASE): "dingtalk_sign",
    re.compile(r"\bip\b|whitelist|白名单", re.IGNORECASE): "dingtalk_ip",
}


class DingTalkSender(Sender):
    may_repeat = True  # `msgUuid`
    outcomes = {
        "660026": Outcome.RATE,
        "130101": Outcome.RATE,
        "410100": Outcome.RATE,
        "460101": Outcome.SIZE,
        "400402": Outcome.FAULT,
        "400105": Outcome.FAULT,
        "40035": Outcome.FAULT,
        "43004": Outcome.FAULT,
    }
    notes = {
        "300001": "robot_gone",
        "300005": "robot_gone",
        "400101": "robot_gone",
        "400102": "robot_stopped",
        "400106": "robot_gone",
    }

    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        params = signature(target.secret, int(self.clock() * 1000)) if target.secret else {}
        return self.post(target, target.url, payload | {"msgUuid": key}, params)

    def note_of(self, code: str, text: str, outcome: Outcome) -> Note | None:
        if code != "310000":
            return super().note_of(code, text, outcome)
        return next((note(meaning) for pattern, meaning in REFUSALS.items() if pattern.search(text)), None)

    def pause_seconds(self) -> float:
        return MUTED_SECONDS


def signature(secret: str, milliseconds: int) -> dict[str, str | int]:
    """Return the query parameters that sign a request, not URL-encoded yet. DingTalk takes a time stamp for an hour."""
    digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": milliseconds, "sign": base64.b64encode(digest).decode()}
