"""The sender of a WeCom application, which writes to people.

https://developer.work.weixin.qq.com/document/path/90236
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from common.http import HttpError
from notifications.messages import Recipients
from notifications.notes import note

from .attachments import load
from .base import Answer, AppCredentials, Outcome, Target, json_object, unanswered
from .wecom import WeComSender

DEFAULT_API = "https://qyapi.weixin.qq.com"
TOKEN_MARGIN_SECONDS = 300
# Long enough for two attempts whose answers were lost, short enough that a task which sends the same text
# every minute is not taken for a repetition.
DUPLICATE_SECONDS = 45
PICTURE_BYTES = 10 * 1024 * 1024


class WeComAppSender(WeComSender):
    may_repeat = True  # `enable_duplicate_check`
    outcomes = WeComSender.outcomes | {"40014": Outcome.TOKEN, "42001": Outcome.TOKEN}
    notes = {
        "40001": "wecom_app_credentials",
        "40013": "wecom_app_credentials",
        "60020": "wecom_app_ip",
        "81013": "wecom_app_nobody",
    }

    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        assert target.app is not None
        if not _names_anybody(payload) and not target.app.to:
            return Answer(Outcome.PERMANENT, errmsg="no recipient", note=note("nobody_named"))
        answer, token = self._try(target, target.app, payload, key)
        if answer.outcome is not Outcome.TOKEN:
            return answer
        self.tokens.drop(_name(target, target.app), token)
        return self._try(target, target.app, payload, key)[0]

    def _try(
        self, target: Target, app: AppCredentials, payload: dict[str, Any], key: str
    ) -> tuple[Answer, str]:
        """Send once, and return the answer with the token that was used, "" where none could be fetched."""
        token = self._token(target, app)
        if isinstance(token, Answer):
            return token, ""
        body = _addressed(payload, app, key)
        params = {"access_token": token}
        if "attach" in body:
            completed = self._with_media(target, body, params)
            if isinstance(completed, Answer):
                return completed, token
            body = completed
        return self.post(target, _url(target, "message/send"), body, params), token

    def _with_media(
        self, target: Target, body: dict[str, Any], params: Mapping[str, str | int]
    ) -> dict[str, Any] | Answer:
        attachment = load(body["attach"], self.clients(target.proxy_url), PICTURE_BYTES)
        if isinstance(attachment, Answer):
            return attachment
        return self.uploaded(target, _url(target, "media/upload"), body, attachment, params)

    def judge(self, response: Any) -> Answer:
        """Judge an answer, and name the people missed: with code 0 a message may still not have reached everybody.

        https://developer.work.weixin.qq.com/document/path/90236#返回示例
        """
        answer = super().judge(response)
        missed = _missed(json_object(response))
        if not answer.ok or not missed:
            return answer
        who = ", ".join((*missed.users, *missed.parties, *missed.tags))
        return replace(answer, missed=missed, note=note("partial", who=who[:500]))

    def _token(self, target: Target, app: AppCredentials) -> str | Answer:
        name = _name(target, app)
        if token := self.tokens.get(name):
            return token
        with self.tokens.lock(name):
            # Asked again: the previous holder of the lock may have fetched one.
            return self.tokens.get(name) or self._fetch_token(target, app, name)

    def _fetch_token(self, target: Target, app: AppCredentials, name: str) -> str | Answer:
        params = {"corpid": app.corp_id, "corpsecret": app.secret}
        try:
            response = self.clients(target.proxy_url).request("GET", _url(target, "gettoken"), params=params)
        except HttpError as error:
            answer = unanswered(error)
            return replace(answer, outcome=Outcome.TRANSIENT) if answer.outcome is Outcome.UNKNOWN else answer
        answer, body = super().judge(response), json_object(response)
        token = body.get("access_token")
        if not answer.ok or not isinstance(token, str) or not token:
            return replace(answer, outcome=Outcome.TRANSIENT) if answer.ok else answer
        seconds = body.get("expires_in")
        lifetime = seconds if isinstance(seconds, int) else 0
        self.tokens.put(name, token, max(lifetime - TOKEN_MARGIN_SECONDS, 1))
        return token


def _url(target: Target, act: str) -> str:
    return f"{(target.url or DEFAULT_API).rstrip('/')}/cgi-bin/{act}"


def _name(target: Target, app: AppCredentials) -> str:
    """Return the name under which the token is stored, which another secret or another API address changes."""
    text = "\n".join((_url(target, ""), app.corp_id, str(app.agent_id), app.secret))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _addressed(payload: dict[str, Any], app: AppCredentials, key: str) -> dict[str, Any]:
    body = _recipients(app.to) | payload if not _names_anybody(payload) else dict(payload)
    card = body.get("template_card", {})
    if card.get("card_type") == "button_interaction":
        body["template_card"] = {"task_id": key} | card
    repeated = {"enable_duplicate_check": 1, "duplicate_check_interval": DUPLICATE_SECONDS}
    return body | {"agentid": app.agent_id} | repeated


def _names_anybody(payload: Mapping[str, Any]) -> bool:
    return any(payload.get(member) for member in ("touser", "toparty", "totag"))


def _recipients(to: Recipients) -> dict[str, str]:
    members = {"touser": to.users, "toparty": to.parties, "totag": to.tags}
    return {member: "|".join(names) for member, names in members.items() if names}


def _missed(body: Mapping[str, Any]) -> Recipients:
    return Recipients(
        users=(*_names(body, "invaliduser"), *_names(body, "unlicenseduser")),
        parties=_names(body, "invalidparty"),
        tags=_names(body, "invalidtag"),
    )


def _names(body: Mapping[str, Any], member: str) -> tuple[str, ...]:
    return tuple(name for name in str(body.get(member) or "").split("|") if name)
