"""The fields of a script's result by our names, whichever names its author knows, and which of them were used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from notifications.result_values import line

# Our name of a field, and others' names of the same thing, the likeliest first. After each: who calls it that.
ALIASES: dict[str, tuple[str, ...]] = {
    "msg_type": ("msgtype",),  # DingTalk's and WeCom's robots
    "title": (
        "Title",  # ServerChan's form, and objects written by Go and C#
        "subject",  # e-mail, AWS SNS
        "summary",  # WxPusher
    ),
    "content": (
        "Content",  # objects written by Go and C#
        "text",  # DingTalk's markdown and actionCard, Feishu, Slack, Telegram
        "markdown",  # DingTalk, work notifications
        "desp",  # ServerChan
        "body",  # Apprise, Bark, e-mail
        "message",  # ntfy, Gotify, Pushover, Home Assistant
        "description",  # WeCom's textcard and news, Discord's embeds
        "desc",  # WeCom's template_card
    ),
    "at_mobiles": (
        "at_mobile",  # the singular of our own
        "atMobiles",  # DingTalk
        "mentioned_mobile_list",  # WeCom
    ),
    "at_user_ids": ("atUserIds", "mentioned_list"),  # DingTalk; WeCom
    "at_all": ("isAtAll", "is_at_all"),  # DingTalk; its Java SDK
    "to_user": ("touser",),  # WeCom applications
    "to_party": ("toparty",),  # WeCom applications
    "to_tag": ("totag",),  # WeCom applications
    "buttons": ("btns", "btn_json_list"),  # DingTalk's robots; its work notifications
    "single_title": ("singleTitle",),  # DingTalk's card with one button
    "btn_orientation": ("btnOrientation",),  # DingTalk
    "url": (
        "messageUrl",  # DingTalk's link
        "messageURL",  # DingTalk's feedCard
        "actionURL",  # the buttons of DingTalk's robots
        "action_url",  # the buttons of DingTalk's work notifications
        "singleURL",  # DingTalk's card with one button
        "single_url",  # the same in its work notifications
        "link",  # RSS
        "href",  # HTML, and Feishu's post
    ),
    "pic_url": ("picurl", "picUrl", "picURL"),  # WeCom's news; DingTalk's link; DingTalk's feedCard
    "horizontal_list": ("horizontal_content_list",),  # WeCom's template_card
    "image_base64": ("base64",),  # WeCom's image
    "file_name": ("filename",),  # HTTP's Content-Disposition
}
# Others' names of our types, each with who calls it that.
TYPE_ALIASES = {
    "markdown_v2": "markdown",  # WeCom's robots
    "textcard": "link",  # WeCom applications
    "action_card": "actionCard",  # DingTalk, work notifications
}
EMPTY: tuple[Any, ...] = (None, "", [], {})
OF_ITEMS = {"type"}  # says in WeCom's lists that an item opens an address, as all of ours do
MAX_NAMES = 10


class Fields(Mapping[str, Any]):
    """An object by our names of its fields. It remembers which of its own names have been read."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values_by_name = values
        self.read = set[str]()
        self.items_by_name = dict[str, list[Fields]]()

    def __getitem__(self, name: str) -> Any:
        """Return the field, or the first of its aliases that is not empty. Raises KeyError where there is none."""
        for own in (name, *ALIASES.get(name, ())):
            if self.values_by_name.get(own) not in EMPTY:
                self.read.add(own)
                return self.values_by_name[own]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def items_of(self, *names: str) -> list[Fields]:
        """Return the first of these fields that is there, or []. Raises ValueError where it is no list of objects."""
        for name in names:
            if value := self.get(name):
                if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
                    raise ValueError(name)
                return self.items_by_name.setdefault(name, [Fields(item) for item in value])
        return []

    @property
    def are_data(self) -> bool:
        """Whether they only look like a message: {"message": "ok", "data": …} has one field, by another's name."""
        return len(self.read) == 1 and self.read.isdisjoint(("title", "content"))

    def unused(self) -> str:
        """List the fields that hold something and that nobody has read, those of items as `buttons.colour`."""
        names = [name for name in self.unread() if name]
        return ", ".join(names[:MAX_NAMES]) + (", …" if len(names) > MAX_NAMES else "")

    def unread(self) -> list[str]:
        """Return the names that `unused` lists."""
        own = [n for n, value in self.values_by_name.items() if n not in self.read and value not in EMPTY]
        inner = (
            f"{name}.{field}"
            for name, items in self.items_by_name.items()
            for item in items
            for field in item.unread()
            if field not in OF_ITEMS
        )
        return [*(line(name)[:40] for name in own), *dict.fromkeys(inner)]


def opened(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a payload that was made for a robot as one object; anything else as it is.

    DingTalk and WeCom put a message's fields into an object that is called like its type, and DingTalk puts mentions
    into `at`. Feishu puts the text into `content`.
    """
    kind = result.get("msgtype") or result.get("msg_type")
    names = [name for name in (kind, "at", "content") if isinstance(name, str)]
    inner = {name: result[name] for name in names if isinstance(result.get(name), dict)}
    if not kind or not inner:
        return result
    merged = {name: value for name, value in result.items() if name not in inner}
    for value in inner.values():
        merged = value | merged
    return merged
