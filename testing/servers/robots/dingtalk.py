"""DingTalk's group robot: https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from .schemas import first_violation
from .service import Received, Request, Service, Window

PATH = "/robot/send"
HOUR_MS = 3_600_000
MUTED_SECONDS = 600


class DingTalkRobot(Service):
    def __init__(
        self, base: str, clock: Callable[[], float], *, token: str, secret: str = "", keyword: str = ""
    ) -> None:
        super().__init__(f"{base}{PATH}?access_token={token}", clock)
        self.token = token
        self.secret = secret
        self.keyword = keyword
        self.window = Window(20, 60)
        self.muted_until = 0.0
        self.seen: set[str] = set()

    def owns(self, request: Request) -> bool:
        return request.path == PATH and request.query.get("access_token") == self.token

    def answer(self, request: Request) -> dict[str, Any]:
        reply = self._judge(request) or {"errcode": 0, "errmsg": "ok"}
        self.received.append(Received(self.clock(), request.body, reply))
        if reply["errcode"] == 0:
            self._show(request.body)
        return reply

    def refusal(self, code: int | str, text: str) -> dict[str, Any]:
        return {"errcode": code, "errmsg": text}

    def _judge(self, request: Request) -> dict[str, Any] | None:
        now = self.clock()
        if now < self.muted_until:
            return self.refusal(410100, "send too fast, muted")
        if not self.window.admits(now):
            self.muted_until = now + MUTED_SECONDS
            return self.refusal(660026, "send too fast")
        if self.secret and (wrong := self._wrong_signature(request)):
            return self.refusal(310000, wrong)
        if wrong_body := self._wrong_body(request.body):
            return self.refusal(*wrong_body)
        if self.keyword and self.keyword not in json.dumps(request.body, ensure_ascii=False):
            return self.refusal(310000, "keywords not in content, more: [https://open.dingtalk.com]")
        return None

    def _wrong_signature(self, request: Request) -> str:
        stamp = request.query.get("timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) - self.clock() * 1000) > HOUR_MS:
            return "invalid timestamp"
        digest = hmac.new(self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        return "" if request.query.get("sign") == base64.b64encode(digest).decode() else "sign not match"

    def _wrong_body(self, body: Any) -> tuple[int, str] | None:
        kind = body.get("msgtype") if isinstance(body, dict) else None
        if kind not in ("text", "link", "markdown", "actionCard", "feedCard"):
            return 400105, "不支持的消息类型"
        violation = first_violation(f"dingtalk_{kind.lower()}", body)
        if violation is None or violation.rule == "additionalProperties":  # the service reads what it knows
            return None
        return (460101, "message too long") if violation.rule == "maxBodyBytes" else (400402, "缺失")

    def _show(self, body: Any) -> None:
        key = body.get("msgUuid")
        if key not in self.seen:
            self.shown.append({name: value for name, value in body.items() if name != "msgUuid"})
        if key:
            self.seen.add(key)
