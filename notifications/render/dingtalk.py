"""Messages for a DingTalk robot. https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages"""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext

from notifications.markdown.document import Document
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
    links_as_list,
    mention_text,
    picture_line,
    rows_as_list,
    title_of,
    titled,
    titled_plain,
    wire_size,
)
from .dialects import for_dingtalk, has_tables

BODY_BYTES = 20_000
MSG_UUID_BYTES = 160  # the sender adds `msgUuid`, of at most 128 characters
LINK_TEXT_BYTES = 2_000
MENTIONS = 50  # in each of the two lists
LINKS = 8
BUTTONS = 10
BUTTONS_BYTES = 6_000  # at most a third of a smaller body: the rest is for the text


def render(message: Message, page: Page) -> Rendered:
    return MAKERS[type(message)](message, page).noting(*message.notes)


def _text(message: Text, page: Page) -> Rendered:
    content = titled_plain(message, message.content)
    return _plain_text(content, message.mentions, page)


def _plain_text(content: str, mentions: Mentions, page: Page) -> Rendered:
    body = {"msgtype": "text", "text": {"content": ""}, **_at(mentions)}
    return in_parts(
        unmarked(content),
        _room(body, page),
        lambda part: body | {"text": {"content": part}},
        tail=page.plain_tail(),
        last=_mention_line(mentions),
        size=json_size,
    ).noting(*_unmentioned(mentions))


def _markdown(message: Markdown, page: Page) -> Rendered:
    return _as_markdown(message, message.content, page)


def _as_markdown(message: Message, content: str, page: Page) -> Rendered:
    title = title_of(message, page)
    document = Document(titled(message, content) or title)
    body = {"msgtype": "markdown", "markdown": {"title": title, "text": ""}, **_at(message.mentions)}
    return in_parts(
        for_dingtalk(document, keeps_tables=page.keeps_tables),
        _room(body, page),
        lambda part: body | {"markdown": {"title": title, "text": part}},
        tail=page.tail(),
        last=_mention_line(message.mentions),
        size=json_size,
    ).noting(*_unmentioned(message.mentions), *_tables(document, page))


def _action_card(message: ActionCard, page: Page) -> Rendered:
    return _card(message, message.content, message.buttons, page, side_by_side=message.side_by_side)


def _card(
    message: Message, content: str, buttons: Sequence[Button], page: Page, side_by_side: bool = False
) -> Rendered:
    if not buttons:
        rendered = _as_markdown(message, content, page)
        return rendered.noting(note("needs_url", kind="card", instead="markdown"))
    title = title_of(message, page)
    document = Document(titled(message, content) or title)
    button_count = how_many_fit(
        buttons[:BUTTONS], _card_buttons, min(BUTTONS_BYTES, page.room(BODY_BYTES) // 3)
    )
    card = {
        "title": title,
        "text": "",
        "btnOrientation": "1" if side_by_side else "0",
        **_card_buttons(buttons[:button_count]),
    }
    body = {"msgtype": "actionCard", "actionCard": card, **_at(message.mentions)}
    rendered = in_parts(
        for_dingtalk(document, keeps_tables=page.keeps_tables),
        _room(body, page),
        lambda part: body | {"actionCard": card | {"text": part}},
        max_parts=1,
        tail=page.tail(),
        last=_mention_line(message.mentions),
        size=json_size,
    ).noting(*_unmentioned(message.mentions), *_tables(document, page))
    if left := len(buttons) - button_count:
        return rendered.noting(note("items_left_out", count=left, kind="buttons"))
    return rendered


def _card_buttons(buttons: Sequence[Button]) -> Payload:
    titles = [shorten(button.title, 120) for button in buttons]
    if len(buttons) == 1:
        return {"singleTitle": titles[0], "singleURL": buttons[0].url}
    return {"btns": [{"title": t, "actionURL": b.url} for t, b in zip(titles, buttons, strict=True)]}


def _feed_card(message: FeedCard, page: Page) -> Rendered:
    if len(message.links) == 1:
        return _as_link(message, message.links[0], page)
    if not all(link.picture for link in message.links):
        rendered = _as_markdown(message, links_as_list(message.links), page)
        return rendered.noting(note("needs_picture", kind="feedCard", instead="markdown"))
    rendered = in_groups(
        message.links, LINKS, _feed, limit=page.room(BODY_BYTES) - MSG_UUID_BYTES, kind="links"
    )
    if any(link.text for link in message.links):
        rendered = rendered.noting(note("descriptions_left_out"))
    return _with_rest(rendered, message, page)


def _feed(links: Sequence[Article]) -> Payload:
    members = [
        {"title": shorten(link.title, 300), "messageURL": link.url, "picURL": link.picture} for link in links
    ]
    return {"msgtype": "feedCard", "feedCard": {"links": members}}


def _link(message: Link, page: Page) -> Rendered:
    url = message.url or page.url
    if not url:
        rendered = _as_markdown(message, message.content, page)
        return rendered.noting(note("needs_url", kind="link", instead="markdown"))
    return _as_link(message, Article(title_of(message, page), url, message.picture, message.content), page)


def _as_link(message: Message, link: Article, page: Page) -> Rendered:
    room = min(LINK_TEXT_BYTES, page.room(BODY_BYTES) // 2)
    text = shorten(link.text or link.title, room, json_size)
    member = {"title": shorten(link.title, 300), "text": text, "messageUrl": link.url, "picUrl": link.picture}
    rendered = Rendered(({"msgtype": "link", "link": member},))
    if text != (link.text or link.title):
        rendered = rendered.noting(note("cut"))
    return _with_rest(rendered, message, page, shown_title=link.title)


def _template_card(message: TemplateCard, page: Page) -> Rendered:
    buttons = tuple(button for button in message.buttons if button.url)
    url = message.url or page.url
    if not buttons and url:
        buttons = (Button(gettext("Details"), url),)
    content = joined(picture_line(message.picture), message.content, rows_as_list(message.rows))
    rendered = _card(message, content, buttons, page).noting(*keyed_left_out(message.buttons))
    return (
        rendered.noting(note("sent_as", kind="template_card", instead="actionCard")) if buttons else rendered
    )


def _image(message: Image, page: Page) -> Rendered:
    if message.picture:
        return _as_markdown(message, picture_line(message.picture), page)
    content = f"{message.title or title_of(message, page)}\n{page.url}".rstrip()
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
    return page.room(BODY_BYTES) - MSG_UUID_BYTES - wire_size(body)


def _at(mentions: Mentions) -> dict[str, Any]:
    if not mentions:
        return {}
    at: dict[str, Any] = {"isAtAll": mentions.everyone}
    if mentions.mobiles:
        at["atMobiles"] = list(mentions.mobiles[:MENTIONS])
    if mentions.user_ids:
        at["atUserIds"] = list(mentions.user_ids[:MENTIONS])
    return {"at": at}


def _mention_line(mentions: Mentions) -> str:
    """Return the mentions as a line of text: DingTalk mentions only people whose number or id is in the text, too."""
    named = Mentions(mentions.mobiles[:MENTIONS], mentions.user_ids[:MENTIONS])
    return f"\n\n{mention_text(named)}" if named else ""


def _unmentioned(mentions: Mentions) -> list[Note]:
    left = (*mentions.mobiles[MENTIONS:], *mentions.user_ids[MENTIONS:])
    return [note("mentions_left_out", who=", ".join(left)[:200])] if left else []


def _tables(document: Document, page: Page) -> list[Note]:
    if not has_tables(document):
        return []
    return [note("tables_kept" if page.keeps_tables else "tables_as_lists")]


def _with_rest(rendered: Rendered, message: Message, page: Page, shown_title: str = "") -> Rendered:
    """Add what link and feedCard cannot carry: mentions in a short text after them, else a title in one before."""
    if message.mentions:
        after = _plain_text(title_of(message, page), message.mentions, page)
        return rendered.then(*after.payloads).noting(note("mentions_apart"), *after.notes)
    if message.title and message.title != shown_title:
        return (
            _plain_text(message.title, message.mentions, page)
            .then(*rendered.payloads)
            .noting(*rendered.notes)
        )
    return rendered
