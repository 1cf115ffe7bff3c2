import base64
from typing import Any

import pytest

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
    Recipients,
    Row,
    TemplateCard,
    Text,
    read,
)

URL = "https://example.com/report"


def read_as(kind: type[Message], result: Any) -> Any:
    message = read(result)
    assert type(message) is kind
    return message


def codes(message: Message) -> list[str]:
    return [note.code for note in message.notes]


@pytest.mark.parametrize("result", [None, "", {}, []])
def test_nothing_sends_nothing(result: Any) -> None:
    assert read(result) is None


def test_a_string_is_markdown() -> None:
    assert read_as(Markdown, "**hi**").content == "**hi**"


def test_the_default_is_markdown() -> None:
    message = read_as(Markdown, {"content": "c", "title": "t"})
    assert (message.title, message.content, message.notes) == ("t", "c", ())


def test_a_text() -> None:
    assert read_as(Text, {"msg_type": "text", "content": "c"}).content == "c"


def test_an_action_card() -> None:
    buttons = [{"title": "同意", "url": URL}, {"title": "拒绝", "url": URL + "/no"}]
    result = {
        "msg_type": "actionCard",
        "title": "t",
        "content": "c",
        "btn_orientation": "1",
        "buttons": buttons,
    }
    card = read_as(ActionCard, result)
    assert card.buttons == (Button("同意", URL), Button("拒绝", URL + "/no"))
    assert card.side_by_side


def test_a_feed_card() -> None:
    card = read_as(
        FeedCard, {"msg_type": "feedCard", "links": [{"title": "a", "url": URL, "pic_url": URL + ".png"}]}
    )
    assert card.links == (Article("a", URL, URL + ".png"),)


def test_news() -> None:
    article = {"title": "a", "description": "d", "url": URL, "picurl": URL + ".png"}
    assert read_as(News, {"msg_type": "news", "articles": [article]}).links == (
        Article("a", URL, URL + ".png", "d"),
    )


def test_a_link() -> None:
    link = read_as(
        Link, {"msg_type": "link", "title": "t", "content": "c", "url": URL, "pic_url": URL + ".png"}
    )
    assert (link.content, link.url, link.picture) == ("c", URL, URL + ".png")


def test_a_template_card() -> None:
    result = {
        "msg_type": "template_card",
        "card_type": "news_notice",
        "title": "t",
        "content": "c",
        "horizontal_list": [{"keyname": "金额", "value": 5000}],
        "jump_list": [{"type": 1, "title": "详情", "url": URL}],
        "card_url": URL + "/card",
        "image_url": URL + ".png",
    }
    card = read_as(TemplateCard, result)
    assert card.rows == (Row("金额", "5000"),)
    assert card.buttons == (Button("详情", URL),)
    assert (card.card_type, card.url, card.picture) == ("news_notice", URL + "/card", URL + ".png")


def test_an_image_and_a_file_carry_bytes() -> None:
    encoded = base64.b64encode(b"content").decode()
    assert read_as(Image, {"msg_type": "image", "image_base64": encoded}).data == b"content"
    assert (
        read_as(Image, {"msg_type": "image", "image_base64": "data:image/png;base64," + encoded}).data
        == b"content"
    )
    file = read_as(File, {"msg_type": "file", "file_name": "../日报.csv", "file_base64": encoded})
    assert (file.name, file.data) == (".._日报.csv", b"content")


def test_what_is_not_base64_is_noted() -> None:
    assert codes(read_as(Image, {"msg_type": "image", "image_base64": "图"})) == ["bad_data"]


def test_mentions_and_recipients_come_in_any_list_shape() -> None:
    message = read_as(
        Markdown,
        {
            "content": "c",
            "at_mobiles": [13800000000, "13900000000", 13800000000],
            "at_user_ids": "zhangsan|lisi",
            "at_all": True,
            "to_user": ["a", "b"],
            "to_party": 7,
            "to_tag": "x,y",
        },
    )
    assert message.mentions == Mentions(("13800000000", "13900000000"), ("zhangsan", "lisi"), True)
    assert message.recipients == Recipients(("a", "b"), ("7",), ("x", "y"))


def test_what_cannot_be_a_name_is_noted_and_mentions_nobody() -> None:
    message = read_as(Markdown, {"content": "c", "at_mobiles": ["call me"], "at_user_ids": ["</at>", "ok"]})
    assert message.mentions == Mentions(user_ids=("ok",))
    assert codes(message) == ["name_refused", "name_refused"]


@pytest.mark.parametrize(
    "result",
    [
        0,
        False,
        3.5,
        " \n",
        [1, 2],
        {"rows": [1]},
        {"content": ""},
        {"content": {"not": "text"}},
        {"msg_type": "voice", "content": "c"},
        {"msg_type": ["text"], "content": "c"},
        {"msg_type": "actionCard", "content": "c", "buttons": "https://e.com"},
        {"msg_type": "feedCard", "links": []},
        {"msg_type": "news", "articles": ["a"]},
        {"msg_type": "template_card", "card_type": "vote_interaction", "title": "t"},
        {"msg_type": "file", "file_base64": "YQ=="},
    ],
)
def test_what_fits_no_type_is_json_in_a_fence_with_a_note(result: Any) -> None:
    message = read_as(Markdown, result)
    assert message.content.startswith("```json\n")
    assert message.content.endswith("\n```")
    assert codes(message) == ["not_a_message"]


def test_links_and_buttons_that_lead_nowhere_are_left_out_and_noted() -> None:
    links = [{"title": "a", "url": URL}, {"title": "b", "url": "javascript:alert(1)"}, {"title": "c"}]
    card = read_as(FeedCard, {"msg_type": "feedCard", "links": links})
    assert [link.title for link in card.links] == ["a"]
    assert codes(card) == ["link_without_url"] * 2
    buttons = [{"title": "x", "url": "example.com"}]
    assert codes(read_as(ActionCard, {"msg_type": "actionCard", "content": "c", "buttons": buttons})) == [
        "button_without_url"
    ]


def test_an_over_long_title_is_cut_and_noted() -> None:
    message = read_as(Markdown, {"content": "c", "title": "长" * 200})
    assert message.title == "长" * 127 + "…"
    assert codes(message) == ["title_cut"]


def test_text_is_cleaned_once() -> None:
    message = read_as(Markdown, {"content": "a\ud800b\x00\x1b[31m\r\nc\rd", "title": "two\nlines"})
    assert message.content == "a\ufffdb[31m\nc\nd"
    assert message.title == "two lines"


def test_surrogate_pairs_become_their_character() -> None:
    assert read_as(Markdown, "\ud83d\ude00").content == "😀"


def test_an_integer_too_long_to_write_is_still_a_message() -> None:
    assert codes(read_as(Markdown, {"content": 10**5000})) == ["not_a_message"]
