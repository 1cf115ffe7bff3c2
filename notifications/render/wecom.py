"""Messages for WeCom: a group's robot, and an application.

https://developer.work.weixin.qq.com/document/path/91770 (robot), /90236 (application).
An application's payload has no `agentid`, and no `touser` where the message names nobody: the sender adds them.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from notifications.markdown.sizes import shorten
from notifications.messages import (
    ActionCard,
    Article,
    FeedCard,
    File,
    Image,
    Link,
    Markdown,
    Mentions,
    Message,
    News,
    Recipients,
    TemplateCard,
    Text,
)
from notifications.notes import Note, note

from .base import Page, Payload, Rendered, in_groups, mention_text, title_of, titled_plain
from .dialects import plain
from .wecom_cards import action_card, template_card
from .wecom_text import APP, GROUP_ROBOT, Kind, as_markdown, plain_text, with_mentions

ARTICLES, ARTICLES_BYTES = 8, 100_000
ARTICLE_TITLE_BYTES, ARTICLE_TEXT_BYTES = 128, 512
FILE_BYTES = 20 * 1024 * 1024
MIN_FILE_BYTES = 6
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"  # the only kinds of picture that WeCom takes


def render_bot(message: Message, page: Page) -> Rendered:
    return MAKERS[type(message)](message, page, GROUP_ROBOT).noting(*message.notes)


def render_app(message: Message, page: Page) -> Rendered:
    rendered = MAKERS[type(message)](message, page, APP).noting(*message.notes)
    to, notes = _to(message.recipients)
    if message.mentions:
        notes.append(note("mentions_left_out", who=mention_text(message.mentions)[:200]))
    return replace(rendered, payloads=tuple(to | payload for payload in rendered.payloads)).noting(*notes)


def _text(message: Text, page: Page, kind: Kind) -> Rendered:
    return plain_text(titled_plain(message, message.content), message.mentions, page, kind)


def _markdown(message: Markdown, page: Page, kind: Kind) -> Rendered:
    return as_markdown(message, message.content, page, kind)


def _feed_card(message: FeedCard, page: Page, kind: Kind) -> Rendered:
    return _news(message.links, message, page, kind, is_titled=False)


def _link(message: Link, page: Page, kind: Kind) -> Rendered:
    url = message.url or page.url
    if not url:
        rendered = as_markdown(message, message.content, page, kind)
        return rendered.noting(note("needs_url", kind="link", instead="markdown"))
    article = Article(title_of(message, page), url, message.picture, plain(message.content))
    return _news((article,), message, page, kind, is_titled=True)


def _news(links: Sequence[Article], message: Message, page: Page, kind: Kind, *, is_titled: bool) -> Rendered:
    """Render articles. `is_titled`: they show the message's title, so that no text with it goes before them."""
    rendered = in_groups(links, ARTICLES, _articles, limit=ARTICLES_BYTES, kind="articles")
    if any(len(link.text.encode()) > ARTICLE_TEXT_BYTES for link in links):
        rendered = rendered.noting(note("cut"))
    if message.title and not is_titled and (kind.is_app or not message.mentions):
        heading = plain_text(message.title, Mentions(), page, kind)
        rendered = replace(rendered, payloads=(*heading.payloads, *rendered.payloads))
    return with_mentions(rendered, message, page, kind)


def _articles(links: Sequence[Article]) -> Payload:
    return {"msgtype": "news", "news": {"articles": [_article(link) for link in links]}}


def _article(link: Article) -> dict[str, str]:
    article = {
        "title": shorten(link.title, ARTICLE_TITLE_BYTES),
        "description": shorten(link.text, ARTICLE_TEXT_BYTES),
        "url": link.url,
        "picurl": link.picture,
    }
    return {name: value for name, value in article.items() if value}


def _image(message: Image, page: Page, kind: Kind) -> Rendered:
    if message.data and (wrong := _wrong_picture(message.data, kind)):
        return _named(message, "", page, kind).noting(wrong)
    if not message.data and not message.picture:
        return _named(message, "", page, kind).noting(note("image_as_text"))
    payload = _image_payload(message, kind)
    rendered = _named(message, "", page, kind) if message.title or message.mentions else Rendered(())
    return rendered.then(payload)


def _image_payload(message: Image, kind: Kind) -> Payload:
    if not message.data:
        return {"msgtype": "image", "image": {}, "attach": {"url": message.picture}}
    encoded = base64.b64encode(message.data).decode()
    if kind.is_app:
        name = "picture.png" if message.data.startswith(PNG) else "picture.jpg"
        return {"msgtype": "image", "image": {}, "attach": {"name": name, "base64": encoded}}
    checksum = hashlib.md5(message.data, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": encoded, "md5": checksum}}


def _wrong_picture(data: bytes, kind: Kind) -> Note | None:
    if not data.startswith((PNG, JPEG)):
        return note("image_as_text")
    if len(data) > kind.image_bytes:
        return note("too_large", name="image_base64", most=kind.image_bytes)
    return None


def _file(message: File, page: Page, kind: Kind) -> Rendered:
    if len(message.data) < MIN_FILE_BYTES:
        return _named(message, message.name, page, kind).noting(note("bad_data", name="file_base64"))
    if len(message.data) > FILE_BYTES:
        wrong = note("too_large", name=message.name, most=FILE_BYTES)
        return _named(message, message.name, page, kind).noting(wrong)
    attach = {"name": message.name, "base64": base64.b64encode(message.data).decode()}
    rendered = _named(message, "", page, kind) if message.title or message.mentions else Rendered(())
    return rendered.then({"msgtype": "file", "file": {}, "attach": attach})


def _named(message: Message, name: str, page: Page, kind: Kind) -> Rendered:
    """Render a text that stands instead of a file or above it."""
    text = "\n".join(filter(None, (title_of(message, page), name)))
    return plain_text(text, message.mentions, page, kind)


MAKERS: dict[type[Message], Callable[[Any, Page, Kind], Rendered]] = {
    Text: _text,
    Markdown: _markdown,
    ActionCard: action_card,
    FeedCard: _feed_card,
    News: _feed_card,
    Link: _link,
    TemplateCard: template_card,
    Image: _image,
    File: _file,
}


def _to(recipients: Recipients) -> tuple[dict[str, str], list[Note]]:
    """Return the recipients as members of the payload, and notes of those left out.

    The service takes 1,000 users, 100 parties and 100 tags.
    """
    limits = (
        ("touser", recipients.users, 1000),
        ("toparty", recipients.parties, 100),
        ("totag", recipients.tags, 100),
    )
    to = {member: "|".join(names[:max_names]) for member, names, max_names in limits if names}
    return to, [
        note("recipients_left_out", kind=k, most=max_names)
        for k, names, max_names in limits
        if len(names) > max_names
    ]
