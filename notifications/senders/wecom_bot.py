"""The sender of a WeCom group's robot. https://developer.work.weixin.qq.com/document/path/91770"""

import base64
import hashlib
from typing import Any

from .attachments import load
from .base import Answer, Target
from .wecom import WeComSender

PICTURE_BYTES = 2 * 1024 * 1024


class WeComBotSender(WeComSender):
    """WeCom's robots have no idempotency key: a message whose answer was lost is not sent again."""

    notes = {"93000": "robot_gone", "93004": "robot_stopped", "93008": "robot_gone"}

    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        body = self._completed(target, payload) if "attach" in payload else payload
        return body if isinstance(body, Answer) else self.post(target, target.url, body)

    def _completed(self, target: Target, payload: dict[str, Any]) -> dict[str, Any] | Answer:
        kind, http = payload["msgtype"], self.clients(target.proxy_url)
        attachment = load(payload["attach"], http, PICTURE_BYTES)
        if isinstance(attachment, Answer):
            return attachment
        if kind == "image":
            return {"msgtype": kind, kind: _inline(attachment.content)}
        return self.uploaded(target, target.url.replace("/send?", "/upload_media?"), payload, attachment, {})


def _inline(content: bytes) -> dict[str, str]:
    checksum = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {"base64": base64.b64encode(content).decode(), "md5": checksum}
