"""WeCom's text and markdown, the only types that carry mentions."""

from dataclasses import dataclass, replace

from notifications.markdown.document import Document
from notifications.markdown.written import Written, unmarked
from notifications.messages import Mentions, Message
from notifications.notes import note

from .base import Page, Rendered, in_parts, title_of, titled
from .dialects import for_wecom, for_wecom_v2, has_colours, has_tables, is_rich

TEXT_BYTES = 2048


@dataclass(frozen=True)
class Kind:
    is_app: bool
    markdown_bytes: int
    image_bytes: int


GROUP_ROBOT = Kind(is_app=False, markdown_bytes=4096, image_bytes=2 * 1024 * 1024)
APP = Kind(is_app=True, markdown_bytes=2048, image_bytes=10 * 1024 * 1024)


def plain_text(content: str, mentions: Mentions, page: Page, kind: Kind) -> Rendered:
    rendered = in_parts(
        unmarked(content),
        page.room(TEXT_BYTES),
        lambda part: {"msgtype": "text", "text": {"content": part}},
        tail=page.plain_tail(),
    )
    if kind.is_app or not mentions:
        return rendered
    *before, last = rendered.payloads
    return replace(rendered, payloads=(*before, last | {"text": last["text"] | _mentioned(mentions)}))


def _mentioned(mentions: Mentions) -> dict[str, list[str]]:
    ids = [*mentions.user_ids, *(["@all"] if mentions.everyone else [])]
    lists = {"mentioned_list": ids, "mentioned_mobile_list": list(mentions.mobiles)}
    return {name: names for name, names in lists.items() if names}


def as_markdown(message: Message, content: str, page: Page, kind: Kind) -> Rendered:
    text = Document(titled(message, content) or title_of(message, page))
    if not kind.is_app and is_rich(text) and not has_colours(text):
        rendered = _markdown_payloads("markdown_v2", for_wecom_v2(text), "", page, kind)
        return with_mentions(rendered, message, page, kind)
    rings_inline = not kind.is_app and _is_ids_only(message.mentions)
    last = "\n" + "".join(f"<@{user}>" for user in message.mentions.user_ids) if rings_inline else ""
    rendered = _markdown_payloads("markdown", for_wecom(text), last, page, kind)
    if has_tables(text):
        rendered = rendered.noting(note("tables_as_lists"))
    return rendered if rings_inline else with_mentions(rendered, message, page, kind)


def _markdown_payloads(name: str, text: Written, last: str, page: Page, kind: Kind) -> Rendered:
    limit = page.room(kind.markdown_bytes)
    return in_parts(
        text, limit, lambda part: {"msgtype": name, name: {"content": part}}, tail=page.tail(), last=last
    )


def _is_ids_only(mentions: Mentions) -> bool:
    """Return whether markdown can carry the mentions: only user ids, and few enough to leave room for the text."""
    return bool(mentions) and not mentions.mobiles and not mentions.everyone and len(mentions.user_ids) <= 10


def with_mentions(rendered: Rendered, message: Message, page: Page, kind: Kind) -> Rendered:
    """Add the mentions that a type cannot carry as a second, short text. An application has no mentions."""
    if kind.is_app or not message.mentions:
        return rendered
    after = plain_text(title_of(message, page), message.mentions, page, kind)
    return rendered.then(*after.payloads).noting(note("mentions_apart"))
