"""A rendered payload as its sender completes it, and the schema it must then obey."""

from typing import Any

from testing.servers.robots.schemas import Violation, first_violation


def violation(channel_type: str, payload: dict[str, Any]) -> Violation | None:
    return COMPLETE[channel_type](dict(payload))


def _dingtalk(body: dict[str, Any]) -> Violation | None:
    return first_violation(f"dingtalk_{body['msgtype'].lower()}", body | {"msgUuid": "k" * 64})


def _feishu(body: dict[str, Any]) -> Violation | None:
    return first_violation("feishu_bot", body | {"timestamp": "1600000000", "sign": "s" * 44})


def _wecom_bot(body: dict[str, Any]) -> Violation | None:
    return first_violation(f"wecom_bot_{body['msgtype']}", _with_media(body, INLINE))


def _wecom_app(body: dict[str, Any]) -> Violation | None:
    body = {"touser": "@all"} | _with_media(body, MEDIA) | {"agentid": 1}
    card = body.get("template_card", {})
    if card.get("card_type") == "button_interaction":
        body["template_card"] = {"task_id": "key"} | card
    return first_violation("wecom_app", body)


def _with_media(body: dict[str, Any], picture: dict[str, str]) -> dict[str, Any]:
    """With what takes the attachment's place: a media id, or, to a robot, the picture itself."""
    attach = body.pop("attach", None)
    if attach is None:
        return body
    assert set(attach) in ({"url"}, {"name", "base64"})
    return body | {body["msgtype"]: picture if body["msgtype"] == "image" else MEDIA}


MEDIA = {"media_id": "m"}
INLINE = {"base64": "AAAA", "md5": "0" * 32}


def _apprise(body: dict[str, Any]) -> Violation | None:
    assert set(body) == {"title", "body"}
    return None if 0 < len(body["body"].encode()) <= 20_000 else Violation("body", "maxBytes", 20_000)


COMPLETE = {
    "dingtalk_bot": _dingtalk,
    "wecom_bot": _wecom_bot,
    "wecom_app": _wecom_app,
    "feishu_bot": _feishu,
    "apprise": _apprise,
}
