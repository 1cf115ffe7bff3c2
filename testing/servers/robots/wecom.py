"""What a WeCom robot and a WeCom application have in common: media, and the codes for a wrong body."""

import base64
import hashlib
import itertools
from dataclasses import dataclass
from typing import Any

from .schemas import Violation

MEDIA_SECONDS = 3 * 86_400
MIN_MEDIA_BYTES = 5


@dataclass(frozen=True)
class Media:
    kind: str
    name: str
    content: bytes
    at: float


class MediaStore:
    def __init__(self) -> None:
        self.items: dict[str, Media] = {}
        self._numbers = itertools.count(1)

    def add(self, media: Media) -> str:
        media_id = f"3-{media.kind}-{next(self._numbers)}"
        self.items[media_id] = media
        return media_id

    def has(self, media_id: str, kind: str, now: float) -> bool:
        media = self.items.get(media_id)
        return media is not None and media.kind == kind and now - media.at < MEDIA_SECONDS


def refusal_of(violation: Violation) -> tuple[int, str]:
    """Return the service's code and text for what is wrong with a body."""
    path, rule = violation.path, violation.rule
    top, _, rest = path.partition(".")
    if rule == "maxBytes":
        return 40058, f"exceed max length {violation.limit}"
    if top == "news":
        return _news_refusal(path, rule)
    if rule == "anyOf":
        return (82001, "no recipient") if path == "" else (41016, "missing title")
    if path == "agentid":
        return 41011, "missing agentid"
    if top == "template_card" and rest:
        return 40058, rest.partition(".")[0].partition("[")[0]
    return (40008, "invalid message type") if path == "msgtype" else (44004, "empty content")


def _news_refusal(path: str, rule: str) -> tuple[int, str]:
    if rule in ("minItems", "maxItems"):
        return 45008, "articles count"
    if path.endswith(".title"):
        return 41016, "missing title"
    return (41010, "missing url") if rule == "required" else (45034, "url invalid")


def wrong_media(body: Any, store: MediaStore, now: float) -> tuple[int, str] | None:
    """Return the code and text for a wrong checksum or missing media, which no schema can see; None if all is well."""
    kind = body["msgtype"]
    member = body.get(kind, {})
    if "md5" in member:
        checksum = hashlib.md5(base64.b64decode(member["base64"])).hexdigest()
        return None if checksum == member["md5"].lower() else (301019, "image md5 not match")
    media_id = member.get("media_id") if isinstance(member, dict) else None
    if media_id and not store.has(media_id, kind, now):
        return 40007, "invalid media_id"
    return None
