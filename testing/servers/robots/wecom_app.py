"""A WeCom application: https://developer.work.weixin.qq.com/document/path/90236"""

import itertools
import json
from collections.abc import Callable
from typing import Any

from .schemas import first_violation
from .service import Received, Request, Service
from .wecom import MIN_MEDIA_BYTES, Media, MediaStore, refusal_of, wrong_media

GET_TOKEN, SEND, UPLOAD = "/cgi-bin/gettoken", "/cgi-bin/message/send", "/cgi-bin/media/upload"
TOKEN_SECONDS = 7200
DUPLICATE_SECONDS = 1800


class WeComApp(Service):
    """`members` are the user ids within the application's visible range; None means everybody."""

    def __init__(
        self,
        base: str,
        clock: Callable[[], float],
        *,
        corp_id: str = "ww0123456789abcdef",
        secret: str = "app-secret",
        agent_id: int = 1000002,
        members: frozenset[str] | None = None,
    ) -> None:
        super().__init__(base, clock)
        self.corp_id = corp_id
        self.secret = secret
        self.agent_id = agent_id
        self.members = members
        self.media = MediaStore()
        self.tokens: dict[str, float] = {}
        self.tokens_given = 0
        self.takes_tokens = True
        self._numbers = itertools.count(1)
        self._seen: dict[str, float] = {}

    def revoke_tokens(self) -> None:
        self.tokens.clear()

    def owns(self, request: Request) -> bool:
        return request.path in (GET_TOKEN, SEND, UPLOAD)

    def answer(self, request: Request) -> dict[str, Any]:
        if request.path == GET_TOKEN:
            return self._get_token(request)
        if wrong := self._wrong_token(request.query.get("access_token", "")):
            return self.refusal(*wrong)
        if request.path == UPLOAD:
            return self._upload(request)
        wrong = self._wrong(request.body)
        reply = self.refusal(*wrong) if wrong else self._sent(request.body)
        self.received.append(Received(self.clock(), request.body, reply))
        return reply

    def refusal(self, code: int | str, text: str) -> dict[str, Any]:
        return {"errcode": code, "errmsg": f"{text}, hint: [0], more info at https://open.work.weixin.qq.com"}

    def _get_token(self, request: Request) -> dict[str, Any]:
        if request.query.get("corpid") != self.corp_id:
            return self.refusal(40013, "invalid corpid")
        if request.query.get("corpsecret") != self.secret:
            return self.refusal(40001, "invalid credential")
        token = f"token-{next(self._numbers)}"
        self.tokens[token] = self.clock()
        self.tokens_given += 1
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": TOKEN_SECONDS}

    def _wrong_token(self, token: str) -> tuple[int, str] | None:
        if token not in self.tokens or not self.takes_tokens:
            return 40014, "invalid access_token"
        return (42001, "access_token expired") if self.clock() - self.tokens[token] >= TOKEN_SECONDS else None

    def _wrong(self, body: Any) -> tuple[int, str] | None:
        violation = first_violation("wecom_app", body)
        if violation:
            return refusal_of(violation)
        if body["agentid"] != self.agent_id:
            return 301002, "not allow operate another agent with this accesstoken"
        if wrong := wrong_media(body, self.media, self.clock()):
            return wrong
        reached = (
            body.get("toparty") or body.get("totag") or set(_names(body, "touser")) - set(self._missed(body))
        )
        return None if reached else (81013, "user & party & tag all invalid")

    def _missed(self, body: Any) -> list[str]:
        if self.members is None:
            return []
        return [name for name in _names(body, "touser") if name not in self.members and name != "@all"]

    def _sent(self, body: Any) -> dict[str, Any]:
        now, same = self.clock(), json.dumps(body, sort_keys=True)
        interval = body.get("duplicate_check_interval", DUPLICATE_SECONDS)
        is_repeated = body.get("enable_duplicate_check") == 1 and now - self._seen.get(same, -1e9) < interval
        if not is_repeated:
            self.shown.append(body)
            self._seen[same] = now
        reply = {"errcode": 0, "errmsg": "ok", "msgid": f"m-{len(self.shown)}"}
        missed = self._missed(body)
        return reply | {"invaliduser": "|".join(missed)} if missed else reply

    def _upload(self, request: Request) -> dict[str, Any]:
        kind = request.query.get("type", "")
        if kind not in ("image", "voice", "video", "file"):
            return self.refusal(40004, "invalid media type")
        name, content = request.files.get("media", ("", b""))
        if len(content) <= MIN_MEDIA_BYTES:
            return self.refusal(40006, "invalid file size")
        media_id = self.media.add(Media(kind, name, content, self.clock()))
        return {"errcode": 0, "errmsg": "ok", "type": kind, "media_id": media_id, "created_at": "0"}


def _names(body: Any, member: str) -> list[str]:
    return [name for name in str(body.get(member, "")).split("|") if name]
