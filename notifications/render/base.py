"""What the renderers share: their result, titles, lists in markdown, and the room in a payload."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.utils.translation import gettext

from notifications.markdown.fit import PARTS, fit
from notifications.markdown.sizes import Size, utf8_size
from notifications.markdown.written import Written, unmarked
from notifications.messages import Article, Button, Mentions, Message, Row
from notifications.notes import Note, note

from .dialects import plain

Item = TypeVar("Item")
Payload = dict[str, Any]
"""The JSON body of one request. A member "attach" is not sent, see senders.attachments."""

MESSAGES = 10  # the most messages of links for one result: more would occupy the robot for minutes


@dataclass(frozen=True)
class Page:
    """What a message falls back to: the run's page (an absolute URL, or "") and the task's name.

    `keeps_tables`: the channel wants tables as they are, even where phones don't show them.
    `refused`: the bytes of a body that the service refused as too long; new ones are at most half as long. 0 for none.
    """

    url: str = ""
    title: str = ""
    refused: int = 0
    keeps_tables: bool = False

    def room(self, limit: int) -> int:
        return min(limit, self.refused // 2) if self.refused else limit

    def tail(self) -> str:
        """Return the words, as markdown, in which a cut text ends."""
        text = gettext("… too long, cut here.")
        return f"\n\n{text}" + (f" [{gettext('Read all')}]({self.url})" if self.url else "")

    def plain_tail(self) -> str:
        return f"\n\n{gettext('… too long, cut here.')} {self.url}".rstrip()


@dataclass(frozen=True)
class Rendered:
    """Payloads in the order they are to be sent."""

    payloads: tuple[Payload, ...]
    notes: tuple[Note, ...] = ()

    def noting(self, *notes: Note) -> "Rendered":
        return replace(self, notes=(*self.notes, *notes))

    def then(self, *payloads: Payload) -> "Rendered":
        return replace(self, payloads=(*self.payloads, *payloads))


def wire_size(body: Payload) -> int:
    """Return the bytes of the request's body."""
    return len(json.dumps(body, ensure_ascii=False).encode())


def for_the_record(payload: Payload) -> Payload:
    """Return a payload as a row keeps it: with the size of files and pictures instead of their data."""
    return {
        name: {**value, "base64": f"<{len(value['base64'])} characters>"}
        if isinstance(value, dict) and "base64" in value
        else value
        for name, value in payload.items()
    }


def title_of(message: Message, page: Page) -> str:
    """Return the script's title, else the task's name, else "Notice" in the current language."""
    return message.title or page.title or gettext("Notice")


def titled(message: Message, content: str) -> str:
    """Return the content under the script's title as a heading, unless it begins with the title."""
    if not message.title or plain(content[:1000]).startswith(message.title):
        return content or message.title
    return f"### {message.title}\n\n{content}".rstrip()


def titled_plain(message: Message, content: str) -> str:
    if not message.title or content.lstrip().startswith(message.title):
        return content or message.title
    return f"{message.title}\n{content}".rstrip()


def joined(*blocks: str) -> str:
    return "\n\n".join(filter(None, blocks))


def label(text: str) -> str:
    """Return the text without square brackets, so that it can stand in a link's."""
    return text.replace("[", "(").replace("]", ")")


def links_as_list(links: Iterable[Article]) -> str:
    return "\n".join(f"- [{label(link.title)}]({link.url}) {link.text}".rstrip() for link in links)


def buttons_as_list(buttons: Iterable[Button]) -> str:
    return "\n".join(f"- [{label(button.title)}]({button.url})" for button in buttons if button.url)


def rows_as_list(rows: Iterable[Row]) -> str:
    return "\n".join(
        f"- **{row.name}**: " + (f"[{label(row.value or row.url)}]({row.url})" if row.url else row.value)
        for row in rows
    )


def picture_line(url: str) -> str:
    return f"![]({url})" if url else ""


def keyed_left_out(buttons: Iterable[Button]) -> list[Note]:
    """Return a note for each button without an address, for the services whose buttons only open one."""
    return [note("button_without_url", title=button.title[:40]) for button in buttons if not button.url]


def mention_text(mentions: Mentions) -> str:
    """Return the mentions as words for the text; other members of the payload notify the people."""
    everyone = [gettext("@everyone")] if mentions.everyone else []
    return " ".join(everyone + [f"@{who}" for who in (*mentions.mobiles, *mentions.user_ids)])


def in_parts(
    written: Written,
    limit: int,
    wrap: Callable[[str], Payload],
    *,
    tail: str,
    last: str = "",
    max_parts: int = PARTS,
    size: Size = utf8_size,
) -> Rendered:
    """Divide a text into payloads, with `last` at the end of the last one.

    There is always at least one: where a dialect has left nothing but spaces, which no service takes, it holds "…".
    """
    room = max(limit - size(last), 64)
    fitted = fit(
        written if written.text.strip() else unmarked("…"), room, size=size, max_parts=max_parts, tail=tail
    )
    *before, final = fitted.parts
    rendered = Rendered(tuple(map(wrap, (*before, final + last))))
    if len(fitted.parts) > 1:
        rendered = rendered.noting(note("split", count=len(fitted.parts)))
    return rendered.noting(note("cut")) if fitted.cut else rendered


def in_groups(
    items: Sequence[Item], max_items: int, wrap: Callable[[Sequence[Item]], Payload], *, limit: int, kind: str
) -> Rendered:
    """Divide items into payloads of at most `max_items` items and `limit` bytes each, at most MESSAGES payloads.

    Items left out are counted in a note.
    """
    payloads: list[Payload] = []
    at = 0
    while at < len(items) and len(payloads) < MESSAGES:
        count = how_many_fit(items[at : at + max_items], wrap, limit)
        payloads.append(wrap(items[at : at + count]))
        at += count
    rendered = Rendered(tuple(payloads))
    if left := len(items) - at:
        return rendered.noting(note("items_left_out", count=left, kind=kind))
    return rendered


def how_many_fit(items: Sequence[Item], wrap: Callable[[Sequence[Item]], Payload], limit: int) -> int:
    """Return how many of the items fit into one payload of `limit` bytes, at least one where there are any.

    Each item is measured once, by what it alone adds to an empty body.
    """
    empty = wire_size(wrap(()))
    used = empty
    for count, item in enumerate(items):
        used += wire_size(wrap((item,))) - empty + len(", ")
        if count and used > limit:
            return count
    return len(items)
