"""Feishu's group robot: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from .schemas import first_violation
from .service import Received, Request, Service, Window

PATH = "/open-apis/bot/v2/hook/"
HOUR = 3600


class FeishuRobot(Service):
    """`names_status`: it answers as robots of the first generation do, with `StatusCode` and `StatusMessage` alone."""

    def __init__(
        self,
        base: str,
        clock: Callable[[], float],
        *,
        token: str,
        secret: str = "",
        keyword: str = "",
        names_status: bool = False,
    ) -> None:
        super().__init__(f"{base}{PATH}{token}", clock)
        self.token = token
        self.secret = secret
        self.keyword = keyword
        self.names_status = names_status
        self.windows = (Window(100, 60), Window(5, 1))

    def owns(self, request: Request) -> bool:
        return request.path == PATH + self.token

    def answer(self, request: Request) -> dict[str, Any]:
        refusal = self._judge(request.body)
        reply = refusal or self.refusal(0, "success")
        self.received.append(Received(self.clock(), request.body, reply))
        if not refusal:
            signed = ("timestamp", "sign")
            self.shown.append({name: value for name, value in request.body.items() if name not in signed})
        return reply

    def refusal(self, code: int | str, text: str) -> dict[str, Any]:
        if self.names_status:
            return {"StatusCode": code, "StatusMessage": text, "Extra": None}
        return {"code": code, "msg": text, "data": {}}

    def _judge(self, body: Any) -> dict[str, Any] | None:
        now = self.clock()
        admitted = [window.admits(now) for window in self.windows]  # each window must count the request
        if not all(admitted):
            return self.refusal(11232, "frequency limited psm[lark.oapi.app_platform_runtime]")
        violation = first_violation("feishu_bot", body)
        if violation:
            return self.refusal(9499, "Bad Request")
        if self.secret and not self._is_signed(body):
            return self.refusal(
                19021, "sign match fail or timestamp is not within one hour from current time"
            )
        if self.keyword and self.keyword not in json.dumps(body, ensure_ascii=False):
            return self.refusal(19024, "Key Words Not Found")
        return None

    def _is_signed(self, body: Any) -> bool:
        stamp = str(body.get("timestamp", ""))
        if not stamp.isdigit() or abs(int(stamp) - self.clock()) > HOUR:
            return False
        digest = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        return bool(body.get("sign") == base64.b64encode(digest).decode())
