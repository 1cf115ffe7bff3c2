"""Messages for the services behind apprise: a title and markdown, which apprise converts for each service."""

from collections.abc import Callable
from typing import Any

from notifications.markdown.document import Document
from notifications.markdown.writer import written
from notifications.messages import (
    ActionCard,
    FeedCard,
    File,
    Image,
    Link,
    Markdown,
    Message,
    News,
    TemplateCard,
    Text,
)
from notifications.notes import note

from .base import (
    Page,
    Rendered,
    buttons_as_list,
    in_parts,
    joined,
    keyed_left_out,
    label,
    links_as_list,
    mention_text,
    picture_line,
    rows_as_list,
    title_of,
)

BODY_BYTES = 20_000  # where a service takes less, apprise itself splits


def render(message: Message, page: Page) -> Rendered:
    title = title_of(message, page)
    rendered = in_parts(
        written(Document(BODIES[type(message)](message, page) or title)),
        page.room(BODY_BYTES),
        lambda part: {"title": title, "body": part},
        max_parts=1,
        tail=page.tail(),
    )
    if type(message) not in (Text, Markdown):
        rendered = rendered.noting(note("sent_as", kind=type(message).__name__, instead="markdown"))
    if message.mentions:
        rendered = rendered.noting(note("mentions_left_out", who=mention_text(message.mentions)[:200]))
    if isinstance(message, TemplateCard):
        rendered = rendered.noting(*keyed_left_out(message.buttons))
    return rendered.noting(*message.notes)


def _text(message: Text | Markdown, page: Page) -> str:
    return message.content


def _action_card(message: ActionCard, page: Page) -> str:
    return joined(message.content, buttons_as_list(message.buttons))


def _feed_card(message: FeedCard, page: Page) -> str:
    return links_as_list(message.links)


def _link(message: Link, page: Page) -> str:
    url = message.url or page.url
    return joined(message.content, f"[{label(title_of(message, page))}]({url})" if url else "")


def _template_card(message: TemplateCard, page: Page) -> str:
    return joined(
        picture_line(message.picture),
        message.content,
        rows_as_list(message.rows),
        buttons_as_list(message.buttons),
    )


def _image(message: Image, page: Page) -> str:
    return picture_line(message.picture) or page.url


def _file(message: File, page: Page) -> str:
    return joined(message.name, page.url)


BODIES: dict[type[Message], Callable[[Any, Page], str]] = {
    Text: _text,
    Markdown: _text,
    ActionCard: _action_card,
    FeedCard: _feed_card,
    News: _feed_card,
    Link: _link,
    TemplateCard: _template_card,
    Image: _image,
    File: _file,
}
