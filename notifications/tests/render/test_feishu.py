from typing import Any

from .reading import NOWHERE, PAGE, PICTURE, URL, codes, links, only, rendered

KIND = "feishu_bot"


def elements(payload: Any) -> Any:
    return payload["card"]["body"]["elements"]


def test_markdown_is_a_card_with_its_title_on_top() -> None:
    card = only(KIND, {"title": "日报", "content": "| a |\n|---|\n| 1 |"})["card"]
    assert card["header"]["title"]["content"] == "日报"
    assert card["body"]["elements"] == [{"tag": "markdown", "content": "| a |\n|---|\n| 1 |"}]


def test_people_are_mentioned_by_id_and_mobiles_are_noted() -> None:
    result = {"content": "c", "at_user_ids": ["ou_1"], "at_all": True, "at_mobiles": ["13800000000"]}
    assert elements(only(KIND, result))[0]["content"] == "c <at id=all></at> <at id=ou_1></at>"
    assert codes(KIND, result) == ["mentions_left_out"]
    text = only(KIND, result | {"msg_type": "text"})["content"]["text"]
    assert text == 'c <at user_id="all"></at> <at user_id="ou_1"></at>'


def test_an_action_card_has_buttons() -> None:
    buttons = [{"title": "是", "url": URL}, {"title": "否", "url": URL}]
    result = {"msg_type": "actionCard", "title": "t", "content": "c", "buttons": buttons}
    _, first, second = elements(only(KIND, result))
    assert (first["text"]["content"], second["text"]["content"]) == ("是", "否")
    assert first["behaviors"] == [{"type": "open_url", "default_url": URL}]
    _, row = elements(only(KIND, result | {"btn_orientation": "1"}))
    assert (row["tag"], len(row["columns"])) == ("column_set", 2)


def test_a_card_with_buttons_is_cut_and_one_without_is_split() -> None:
    result = {
        "msg_type": "actionCard",
        "title": "t",
        "content": "字" * 9000,
        "buttons": [{"title": "看", "url": URL}],
    }
    assert len(rendered(KIND, result).payloads) == 1
    assert codes(KIND, result) == ["cut"]
    assert len(rendered(KIND, "字" * 9000).payloads) == 2


def test_feeds_and_news_are_a_post() -> None:
    for result in (
        {"msg_type": "feedCard", "title": "周报", "links": links(3)},
        {"msg_type": "news", "title": "周报", "articles": links(3)},
    ):
        post = only(KIND, result)["content"]["post"]["zh_cn"]
        assert post["title"] == "周报"
        assert len(post["content"]) == 3
        assert post["content"][0][0] == {"tag": "a", "text": "标题0", "href": f"{URL}/0"}
        assert post["content"][0][2]["href"] == PICTURE


def test_a_post_rings_whom_it_mentions() -> None:
    post = only(KIND, {"msg_type": "feedCard", "links": links(1), "at_all": True})["content"]["post"]["zh_cn"]
    assert post["content"][-1] == [{"tag": "at", "user_id": "all"}]


def test_a_link_is_a_post() -> None:
    post = only(KIND, {"msg_type": "link", "title": "t", "content": "c", "url": URL})["content"]["post"][
        "zh_cn"
    ]
    assert post["content"] == [[{"tag": "a", "text": "t", "href": URL}], [{"tag": "text", "text": "c"}]]
    assert only(KIND, {"msg_type": "link", "title": "t"}, NOWHERE)["msg_type"] == "interactive"


def test_a_template_card_is_a_card_with_its_rows_as_a_list() -> None:
    result = {
        "msg_type": "template_card",
        "title": "t",
        "horizontal_list": [{"keyname": "金额", "value": "5"}],
        "jump_list": [{"title": "详情", "url": URL}],
    }
    markdown, button = elements(only(KIND, result))
    assert markdown["content"] == "- **金额**: 5"
    assert button["behaviors"][0]["default_url"] == URL


def test_an_image_is_a_text_with_its_link() -> None:
    result = {"msg_type": "image", "title": "t", "image_url": PICTURE}
    assert only(KIND, result)["content"]["text"] == f"t\n{PICTURE}"
    assert codes(KIND, result) == ["image_as_text"]


def test_a_file_is_named_in_a_text() -> None:
    result = {"msg_type": "file", "file_name": "a.csv", "file_base64": "aGVsbG8="}
    assert only(KIND, result)["content"]["text"] == f"a.csv\n{PAGE.url}"
    assert codes(KIND, result) == ["file_as_text"]
