"""A script's `result`, which may be any value, as one Message.

    read(result) -> Message | None

The types and the names of their fields are those that scripts have always used:

    Message
    ├── Text  Markdown  ActionCard  Link  TemplateCard
    ├── FeedCard ── News
    └── Image  File

None, "", {} and [] are no message. A value that fits no type is Markdown: its JSON in a fence, and a note.
Strings are cleaned on the way in, once: no lone surrogates, no control characters, LF line ends.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from notifications.notes import Note, note
from notifications.result_fields import TYPE_ALIASES, Fields, opened
from notifications.result_values import (
    MOBILE,
    NAME,
    UnfitError,
    bytes_of,
    clean,
    content_of,
    line,
    names_of,
    require_text,
    web_address,
)

TITLE_CHARACTERS = 128
TASK_ID_CHARACTERS = 128


@dataclass(frozen=True)
class Mentions:
    mobiles: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    everyone: bool = False

    def __bool__(self) -> bool:
        return bool(self.mobiles or self.user_ids or self.everyone)


@dataclass(frozen=True)
class Recipients:
    """The people a WeCom application writes to; other channels have a group instead."""

    users: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.users or self.parties or self.tags)


@dataclass(frozen=True)
class Article:
    title: str
    url: str
    picture: str = ""
    text: str = ""


@dataclass(frozen=True)
class Button:
    """A button that opens `url` or, on a card with a callback, reports `key`."""

    title: str
    url: str = ""
    key: str = ""


@dataclass(frozen=True)
class Row:
    name: str
    value: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Message:
    """The fields of every type. `title`, `url` (opened by a click) and `picture` (a web address) are "" for none."""

    title: str = ""
    url: str = ""
    picture: str = ""
    mentions: Mentions = Mentions()
    recipients: Recipients = Recipients()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Text(Message):
    content: str


@dataclass(frozen=True, kw_only=True)
class Markdown(Message):
    content: str


@dataclass(frozen=True, kw_only=True)
class ActionCard(Message):
    content: str
    buttons: tuple[Button, ...] = ()
    side_by_side: bool = False


@dataclass(frozen=True, kw_only=True)
class FeedCard(Message):
    links: tuple[Article, ...]


@dataclass(frozen=True, kw_only=True)
class News(FeedCard):
    pass


@dataclass(frozen=True, kw_only=True)
class Link(Message):
    content: str


@dataclass(frozen=True, kw_only=True)
class TemplateCard(Message):
    content: str
    card_type: str = "text_notice"
    rows: tuple[Row, ...] = ()
    buttons: tuple[Button, ...] = ()
    task_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Image(Message):
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class File(Message):
    name: str
    data: bytes = field(repr=False)


def read(result: Any) -> Message | None:
    if result is None or result in ("", {}, []):
        return None
    try:
        if isinstance(result, str):
            return Markdown(content=require_text(clean(result), "content"))
        if not isinstance(result, dict):
            raise UnfitError(type(result).__name__)
        return _of_type(result)
    except ValueError as unfit:  # UnfitError, or an integer of more digits than Python writes
        return as_json(result, str(unfit))


def as_json(value: Any, reason: str) -> Markdown:
    """Return a message that shows the value to people: its JSON in a fence, with `reason` as a note.

    Nothing within can close the fence: line ends in JSON's strings are escaped.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    except (RecursionError, ValueError):  # nested deeper, or a number longer, than Python writes
        text = json.dumps(f"<{type(value).__name__}>")
    return Markdown(content=f"```json\n{clean(text)}\n```", notes=(note("not_a_message", reason=reason),))


def _of_type(result: dict[str, Any]) -> Message:
    fields = Fields(opened(result))
    kind = fields.get("msg_type", "markdown")
    name = TYPE_ALIASES.get(kind, kind) if isinstance(kind, str) else ""
    if name not in TYPES:
        raise UnfitError(f"msg_type {clean(str(kind))[:40]!r}")
    message = TYPES[name](fields, _common(fields))
    unused = fields.unused()
    if unused and fields.are_data:
        raise UnfitError(unused)
    return replace(message, notes=(*message.notes, note("keys_unused", names=unused))) if unused else message


def _common(fields: Fields) -> dict[str, Any]:
    title, notes = line(fields.get("title")), list[Note]()
    if len(title) > TITLE_CHARACTERS:
        title = title[: TITLE_CHARACTERS - 1] + "…"
        notes.append(note("title_cut", most=TITLE_CHARACTERS))
    mobiles = names_of(fields, "at_mobiles", MOBILE, notes)
    user_ids, users, parties, tags = (
        names_of(fields, name, NAME, notes) for name in ("at_user_ids", "to_user", "to_party", "to_tag")
    )
    return {
        "title": title,
        "mentions": Mentions(mobiles, user_ids, fields.get("at_all") in (True, "1", "true", "True")),
        "recipients": Recipients(users, parties, tags),
        "notes": tuple(notes),
    }


def _url(fields: Fields) -> str:
    return web_address(fields, "card_url", "url")


def _picture(fields: Fields) -> str:
    return web_address(fields, "image_url", "pic_url")


def _titled_content(fields: Fields, common: dict[str, Any]) -> str:
    """Return the content, which may be "" where there is a title. Raises UnfitError where both are missing."""
    content = content_of(fields)
    require_text(content or common["title"], "content")
    return content


def _text(fields: Fields, common: dict[str, Any]) -> Message:
    return Text(content=_titled_content(fields, common), **common)


def _markdown(fields: Fields, common: dict[str, Any]) -> Message:
    return Markdown(content=_titled_content(fields, common), **common)


def _action_card(fields: Fields, common: dict[str, Any]) -> Message:
    content = _titled_content(fields, common)
    buttons, notes = _buttons(fields.items_of("buttons"), keyed=False)
    url, single = _url(fields), line(fields.get("single_title"))
    return ActionCard(
        content=content,
        buttons=buttons or ((Button(single, url),) if url and single else ()),
        side_by_side=str(fields.get("btn_orientation")) == "1",
        url=url,
        **_noted(common, notes),
    )


def _feed_card(fields: Fields, common: dict[str, Any]) -> Message:
    links, notes = _articles(fields.items_of("links", "articles"))
    return FeedCard(links=links, **_noted(common, notes))


def _news(fields: Fields, common: dict[str, Any]) -> Message:
    links, notes = _articles(fields.items_of("articles", "links"))
    return News(links=links, **_noted(common, notes))


def _link(fields: Fields, common: dict[str, Any]) -> Message:
    return Link(content=_titled_content(fields, common), url=_url(fields), picture=_picture(fields), **common)


def _template_card(fields: Fields, common: dict[str, Any]) -> Message:
    rows = tuple(
        Row(line(i.get("keyname")) or "-", line(i.get("value")), web_address(i, "url"))
        for i in fields.items_of("horizontal_list")
    )
    kind = fields.get("card_type") or "text_notice"
    if kind not in ("text_notice", "news_notice", "button_interaction"):
        raise UnfitError("card_type")
    buttons, notes = _buttons(
        fields.items_of("button_list", "buttons", "jump_list"), kind == "button_interaction"
    )
    content = content_of(fields)
    if not (content or common["title"] or rows):
        raise UnfitError("title, content")
    return TemplateCard(
        content=content,
        card_type=kind,
        url=_url(fields),
        picture=_picture(fields),
        rows=rows,
        buttons=buttons,
        task_id=re.sub(r"[^A-Za-z0-9_@-]", "-", line(fields.get("task_id")))[:TASK_ID_CHARACTERS],
        **_noted(common, notes),
    )


def _image(fields: Fields, common: dict[str, Any]) -> Message:
    data, notes = bytes_of(fields, "image_base64")
    picture = _picture(fields)
    if not data and not picture and not notes:
        raise UnfitError("image_base64, image_url")
    return Image(data=data, picture=picture, **_noted(common, notes))


def _file(fields: Fields, common: dict[str, Any]) -> Message:
    data, notes = bytes_of(fields, "file_base64")
    name = line(fields.get("file_name")).replace("/", "_")[-TITLE_CHARACTERS:]
    if not name:
        raise UnfitError("file_name")
    return File(name=name, data=data, **_noted(common, notes))


TYPES: dict[str, Callable[[Fields, dict[str, Any]], Message]] = {
    "text": _text,
    "markdown": _markdown,
    "actionCard": _action_card,
    "feedCard": _feed_card,
    "link": _link,
    "news": _news,
    "template_card": _template_card,
    "image": _image,
    "file": _file,
}


def _articles(items: Iterable[Fields]) -> tuple[tuple[Article, ...], list[Note]]:
    links, notes = [], []
    for item in items:
        url, title = _url(item), line(item.get("title"))
        text, picture = line(item.get("content")), _picture(item)
        if url:
            links.append(Article(title or url, url, picture, text))
        else:
            notes.append(note("link_without_url", title=title[:40]))
    if not links:
        raise UnfitError("url")
    return tuple(links), notes


def _buttons(items: Iterable[Fields], keyed: bool) -> tuple[tuple[Button, ...], list[Note]]:
    """Return the buttons that open an address, and a note for each other one.

    `keyed`: buttons that only report a key are kept as well.
    """
    buttons, notes = [], []
    for item in items:
        title = line(item.get("title") or item.get("text"))
        url, key = _url(item), line(item.get("key"))
        if url or (keyed and key):
            buttons.append(Button(title or url or key, url, key))
        else:
            notes.append(note("button_without_url", title=title[:40]))
    return tuple(buttons), notes


def _noted(common: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    return common | {"notes": (*common["notes"], *notes)}
