"""A result whose author uses other products' names is understood, and what it says in vain is named."""

import re
from pathlib import Path
from typing import Any

import pytest

from notifications.messages import ActionCard, Article, Button, Markdown, Mentions, Message, Text, read
from notifications.result_fields import ALIASES, TYPE_ALIASES

DOCS = Path(__file__).parents[2] / "docs"
URL = "https://example.com/report"


def message_of(result: Any) -> Any:
    message = read(result)
    assert message is not None
    return message


def notes_of(message: Message) -> list[tuple[str, Any]]:
    return [(note.code, note.values.get("names")) for note in message.notes]


@pytest.mark.parametrize("name", ["content", *ALIASES["content"]])
@pytest.mark.parametrize("title", ["title", *ALIASES["title"]])
def test_title_and_text_are_understood_by_all_their_names(title: str, name: str) -> None:
    message = message_of({title: "T", name: "…"})
    assert type(message) is Markdown
    assert (message.title, message.content, message.notes) == ("T", "…", ())


def test_our_own_name_counts_and_the_other_is_named() -> None:
    message = message_of({"content": "ours", "text": "theirs"})
    assert message.content == "ours"
    assert notes_of(message) == [("keys_unused", "text")]


def test_an_empty_name_does_not_hide_one_that_holds_something() -> None:
    assert message_of({"title": "T", "content": "", "desp": "full"}).content == "full"


def test_mentions_are_understood_by_dingtalks_and_wecoms_names() -> None:
    message = message_of({"content": "c", "at_mobile": "13800000000", "isAtAll": True})
    assert message.mentions == Mentions(("13800000000",), (), True)
    message = message_of({"content": "c", "mentioned_mobile_list": ["13800000000"], "mentioned_list": ["a"]})
    assert message.mentions == Mentions(("13800000000",), ("a",))
    assert message.notes == ()


def test_buttons_are_understood_by_dingtalks_names() -> None:
    card = {"msg_type": "actionCard", "title": "T", "text": "c", "btnOrientation": "1"}
    message = message_of(card | {"btns": [{"title": "看", "actionURL": URL}]})
    assert type(message) is ActionCard
    assert (message.buttons, message.side_by_side, message.notes) == ((Button("看", URL),), True, ())
    assert message_of(card | {"singleTitle": "看", "singleURL": URL}).buttons == (Button("看", URL),)


@pytest.mark.parametrize(
    "payload",
    [
        {"msgtype": "text", "text": {"content": "c"}, "at": {"atMobiles": ["13800000000"]}},
        {"msgtype": "text", "text": {"content": "c", "mentioned_mobile_list": ["13800000000"]}},
    ],
)
def test_a_robots_own_payload_is_understood(payload: dict[str, Any]) -> None:
    message = message_of(payload)
    assert type(message) is Text
    assert (message.content, message.mentions.mobiles, message.notes) == ("c", ("13800000000",), ())


def test_feishus_text_and_dingtalks_links_are_understood() -> None:
    assert message_of({"msg_type": "text", "content": {"text": "c"}}).content == "c"
    links = [{"title": "a", "messageURL": URL, "picURL": URL + ".png"}]
    message = message_of({"msgtype": "feedCard", "feedCard": {"links": links}})
    assert (message.links, message.notes) == ((Article("a", URL, URL + ".png"),), ())


def test_each_key_that_is_not_used_is_named() -> None:
    result = {"title": "T", "footer": "f", "colour": 3, "empty": "", "none": None}
    assert notes_of(message_of(result)) == [("keys_unused", "footer, colour")]
    buttons = [{"title": "b", "url": URL, "icon": "i"}] * 2
    assert notes_of(message_of({"content": "c", "buttons": buttons})) == [("keys_unused", "buttons")]
    card = message_of({"msg_type": "actionCard", "content": "c", "buttons": buttons})
    assert notes_of(card) == [("keys_unused", "buttons.icon")]
    picture = message_of({"content": "c", "image_url": URL})
    assert notes_of(picture) == [("keys_unused", "image_url")]


def test_many_unused_keys_are_not_all_named() -> None:
    ((_, names),) = notes_of(message_of({"content": "c"} | {f"key{n}" * 20: n for n in range(100)}))
    assert names.endswith(", …")
    assert len(names) < 500


@pytest.mark.parametrize("data", [{"message": "ok", "code": 0, "data": [1]}, {"text": "a", "score": 0.5}])
def test_data_that_only_resembles_a_message_is_shown_whole(data: dict[str, Any]) -> None:
    message = message_of(data)
    assert all(f'"{name}"' in message.content for name in data)
    assert [note.code for note in message.notes] == ["not_a_message"]


@pytest.mark.parametrize("page", ["channels.md", "channels.zh-CN.md"])
def test_the_documents_list_all_names(page: str) -> None:
    rows = re.findall(r"^\| (`[^|]*) \| (`[^|]*) \|$", (DOCS / page).read_text(), re.MULTILINE)
    documented = {name for row in rows for cell in row for name in re.findall(r"`(\w+)`", cell)}
    assert documented >= {*ALIASES, *TYPE_ALIASES, *(name for names in ALIASES.values() for name in names)}
