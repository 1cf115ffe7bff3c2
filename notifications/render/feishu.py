"""Messages for a Feishu robot. https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot

Markdown goes into an interactive card: https://open.feishu.cn/document/feishu-cards/card-json-v2-structure
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext

from notifications.markdown.document import Document
from notifications.markdown.fit import PARTS
from notifications.markdown.sizes import json_size, shorten
from notifications.markdown.written import unmarked
from notifications.messages import (
    ActionCard,
    Article,
    Button,
    FeedCard,
    File,
    Image,
    Link,
    Markdown,
    Mentions,
    Message,
    News,
    TemplateCard,
    Text,
)
from notifications.notes import Note, note

from .base import (
    Page,
    Payload,
    Rendered,
    how_many_fit,
    in_groups,
    in_parts,
    joined,
    keyed_left_out,
    rows_as_list,
    title_of,
    titled_plain,
    wire_size,
)
from .dialects import for_feishu, has_many_tables

BODY_BYTES = 20_000
SIGN_BYTES = 160  # the sender adds `timestamp` and `sign`
BUTTONS, BUTTONS_BYTES = 10, 8_000  # at most two fifths of a smaller body
PARAGRAPHS = 50
MENTIONS = 50


def render(message: Message, page: Page) -> Rendered:
    rendered = MAKERS[type(message)](message, page).noting(*message.notes)
    left = (*message.mentions.mobiles, *message.mentions.user_ids[MENTIONS:])
    return rendered.noting(note("mentions_left_out", who=", ".join(left)[:200])) if left else rendered


def _text(message: Text, page: Page) -> Rendered:
    return _plain_text(titled_plain(message, message.content), message.mentions, page)


def _plain_text(content: str, mentions: Mentions, page: Page) -> Rendered:
    return in_parts(
        unmarked(content),
        _room({"msg_type": "text", "content": {"text": ""}}, page),
        lambda part: {"msg_type": "text", "content": {"text": part}},
        tail=page.plain_tail(),
        last="".join(f' <at user_id="{who}"></at>' for who in _who(mentions)),
        size=json_size,
    )


def _markdown(message: Markdown, page: Page) -> Rendered:
    return _card(message, message.content, (), page)


def _action_card(message: ActionCard, page: Page) -> Rendered:
    return _card(message, message.content, message.buttons, page, side_by_side=message.side_by_side)


def _template_card(message: TemplateCard, page: Page) -> Rendered:
    buttons = tuple(button for button in message.buttons if button.url)
    if message.url or not buttons:
        buttons += _details(message.url or page.url)
    picture = f"[{gettext('Picture')}]({message.picture})" if message.picture else ""
    content = joined(picture, message.content, rows_as_list(message.rows))
    return _card(message, content, buttons, page).noting(*keyed_left_out(message.buttons))


def _details(url: str) -> tuple[Button, ...]:
    return (Button(gettext("Details"), url),) if url else ()


def _card(
    message: Message, content: str, buttons: Sequence[Button], page: Page, side_by_side: bool = False
) -> Rendered:
    """Render a card. A text without buttons is split into several cards; one with buttons stays one card."""
    title = {"title": {"tag": "plain_text", "content": title_of(message, page)}}
    button_count = (
        how_many_fit(buttons[:BUTTONS], _as_body, min(BUTTONS_BYTES, page.room(BODY_BYTES) * 2 // 5))
        if buttons
        else 0
    )
    elements = _buttons(buttons[:button_count], side_by_side)

    def wrap(part: str) -> Payload:
        body = {"elements": [{"tag": "markdown", "content": part}, *elements]}
        return {"msg_type": "interactive", "card": {"schema": "2.0", "header": title, "body": body}}

    document = Document(content or title_of(message, page))
    rendered = in_parts(
        for_feishu(document),
        _room(wrap(""), page),
        wrap,
        tail=page.tail(),
        last="".join(f" <at id={who}></at>" for who in _who(message.mentions)),
        size=json_size,
        max_parts=1 if buttons else PARTS,
    )
    if has_many_tables(document):
        rendered = rendered.noting(note("tables_as_lists"))
    if left := len(buttons) - button_count:
        rendered = rendered.noting(note("items_left_out", count=left, kind="buttons"))
    return rendered


def _buttons(buttons: Sequence[Button], side_by_side: bool) -> list[dict[str, Any]]:
    elements = [_button(button) for button in buttons]
    if not side_by_side or not elements:
        return elements
    columns = [{"tag": "column", "width": "auto", "elements": [button]} for button in elements]
    return [{"tag": "column_set", "flex_mode": "flow", "columns": columns}]


def _button(button: Button) -> dict[str, Any]:
    return {
        "tag": "button",
        "text": {"tag": "plain_text", "content": shorten(button.title, 120)},
        "behaviors": [{"type": "open_url", "default_url": button.url}],
    }


def _as_body(buttons: Sequence[Button]) -> Payload:
    return {"elements": _buttons(buttons, side_by_side=True)}


def _feed_card(message: FeedCard, page: Page) -> Rendered:
    return _post(message, message.links, page)


def _link(message: Link, page: Page) -> Rendered:
    url = message.url or page.url
    if not url:
        rendered = _card(message, message.content, (), page)
        return rendered.noting(note("needs_url", kind="link", instead="markdown"))
    return _post(message, (Article(title_of(message, page), url, message.picture, message.content),), page)


def _post(message: Message, links: Sequence[Article], page: Page) -> Rendered:
    title = title_of(message, page)
    rings = [[{"tag": "at", "user_id": who} for who in _who(message.mentions)]] if message.mentions else []

    def wrap(some: Sequence[Article]) -> Payload:
        paragraphs = [paragraph for link in some for paragraph in _paragraphs(link, page)]
        post = {"zh_cn": {"title": title, "content": paragraphs + [ring for ring in rings if ring]}}
        return {"msg_type": "post", "content": {"post": post}}

    return in_groups(links, PARAGRAPHS, wrap, limit=page.room(BODY_BYTES) - SIGN_BYTES, kind="links").noting(
        *_cut(links, page)
    )


def _paragraphs(link: Article, page: Page) -> list[list[dict[str, str]]]:
    heading = [{"tag": "a", "text": shorten(link.title, 300), "href": link.url}]
    if link.picture:
        heading += [
            {"tag": "text", "text": " "},
            {"tag": "a", "text": gettext("Picture"), "href": link.picture},
        ]
    text = shorten(link.text, _text_bytes(page), json_size)
    return [heading, [{"tag": "text", "text": text}]] if text else [heading]


def _text_bytes(page: Page) -> int:
    return page.room(BODY_BYTES) // 5


def _cut(links: Sequence[Article], page: Page) -> list[Note]:
    return [note("cut")] if any(json_size(link.text) > _text_bytes(page) for link in links) else []


def _image(message: Image, page: Page) -> Rendered:
    content = f"{title_of(message, page)}\n{message.picture or page.url}".rstrip()
    return _plain_text(content, message.mentions, page).noting(note("image_as_text"))


def _file(message: File, page: Page) -> Rendered:
    content = titled_plain(message, f"{message.name}\n{page.url}".rstrip())
    return _plain_text(content, message.mentions, page).noting(note("file_as_text"))


MAKERS: dict[type[Message], Callable[[Any, Page], Rendered]] = {
    Text: _text,
    Markdown: _markdown,
    ActionCard: _action_card,
    FeedCard: _feed_card,
    News: _feed_card,
    Link: _link,
    TemplateCard: _template_card,
    Image: _image,
    File: _file,
}


def _room(body: Payload, page: Page) -> int:
    return page.room(BODY_BYTES) - SIGN_BYTES - wire_size(body)


def _who(mentions: Mentions) -> list[str]:
    """Return the open ids to mention, "all" for everybody; a robot cannot mention a mobile number."""
    return [*(["all"] if mentions.everyone else []), *mentions.user_ids[:MENTIONS]]
