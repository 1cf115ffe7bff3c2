"""WeCom's group robot: https://developer.work.weixin.qq.com/document/path/91770"""

from collections.abc import Callable
from typing import Any

from .schemas import first_violation
from .service import Received, Request, Service, Window
from .wecom import MIN_MEDIA_BYTES, Media, MediaStore, refusal_of, wrong_media

SEND = "/cgi-bin/webhook/send"
UPLOAD = "/cgi-bin/webhook/upload_media"
TYPES = ("text", "markdown", "markdown_v2", "image", "news", "file", "voice", "template_card")


class WeComRobot(Service):
    def __init__(self, base: str, clock: Callable[[], float], *, key: str) -> None:
        super().__init__(f"{base}{SEND}?key={key}", clock)
        self.key = key
        self.window = Window(20, 60)
        self.media = MediaStore()

    def owns(self, request: Request) -> bool:
        return request.path in (SEND, UPLOAD) and request.query.get("key") == self.key

    def answer(self, request: Request) -> dict[str, Any]:
        if request.path == UPLOAD:
            return self._upload(request)
        wrong = self._wrong(request.body)
        reply = self.refusal(*wrong) if wrong else {"errcode": 0, "errmsg": "ok"}
        self.received.append(Received(self.clock(), request.body, reply))
        if not wrong:
            self.shown.append(request.body)
        return reply

    def refusal(self, code: int | str, text: str) -> dict[str, Any]:
        return {"errcode": code, "errmsg": f"{text}, hint: [0], more info at https://open.work.weixin.qq.com"}

    def _wrong(self, body: Any) -> tuple[int, str] | None:
        if not self.window.admits(self.clock()):  # refused messages count too
            return 45009, "api freq out of limit"
        kind = body.get("msgtype") if isinstance(body, dict) else None
        if kind not in TYPES:
            return 40008, "invalid message type"
        violation = first_violation(f"wecom_bot_{kind}", body)
        return refusal_of(violation) if violation else wrong_media(body, self.media, self.clock())

    def _upload(self, request: Request) -> dict[str, Any]:
        kind = request.query.get("type", "")
        if kind not in ("file", "voice"):
            return self.refusal(40004, "invalid media type")
        name, content = request.files.get("media", ("", b""))
        if len(content) <= MIN_MEDIA_BYTES:
            return self.refusal(40006, "invalid file size")
        media_id = self.media.add(Media(kind, name, content, self.clock()))
        return {"errcode": 0, "errmsg": "ok", "type": kind, "media_id": media_id}
