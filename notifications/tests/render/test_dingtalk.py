from dataclasses import replace
from typing import Any

import pytest

from notifications.channel_types import DINGTALK_BOT
from notifications.messages import read
from notifications.render import Page
from notifications.render.base import wire_size

from .reading import NOWHERE, PAGE, PICTURE, URL, codes, links, only, rendered

KIND = DINGTALK_BOT.name


def test_markdown_repeats_its_title_in_the_text() -> None:
    markdown = only(KIND, {"title": "日报", "content": "正文"})["markdown"]
    assert markdown == {"title": "日报", "text": "### 日报  \n\n正文"}


@pytest.mark.parametrize("content", ["# 日报\n正文", "**日报** 正文", "日报：正文"])
def test_a_title_the_content_begins_with_is_not_repeated(content: str) -> None:
    assert only(KIND, {"title": "日报", "content": content})["markdown"]["text"].count("日报") == 1


def test_a_task_lends_its_name_where_the_script_gave_no_title() -> None:
    assert only(KIND, "正文")["markdown"] == {"title": "夜间任务", "text": "正文"}


def test_a_mentioned_mobile_stands_in_the_text_too() -> None:
    payload = only(
        KIND, {"msg_type": "text", "content": "失败", "at_mobiles": ["13800000000"], "at_user_ids": ["u1"]}
    )
    assert payload == {
        "msgtype": "text",
        "text": {"content": "失败\n\n@13800000000 @u1"},
        "at": {"isAtAll": False, "atMobiles": ["13800000000"], "atUserIds": ["u1"]},
    }


def test_only_the_last_part_names_whom_it_mentions() -> None:
    parts = rendered(KIND, {"content": "字" * 9000, "at_mobiles": ["13800000000"]}).payloads
    assert [part["markdown"]["text"].count("@138") for part in parts] == [0, 1]


def test_an_action_card_with_one_button_is_a_single_card() -> None:
    card = only(
        KIND,
        {"msg_type": "actionCard", "title": "t", "content": "c", "buttons": [{"title": "看", "url": URL}]},
    )
    assert card["actionCard"] == {
        "title": "t",
        "text": "### t  \n\nc",
        "btnOrientation": "0",
        "singleTitle": "看",
        "singleURL": URL,
    }


def test_an_action_card_with_more_has_a_url_each() -> None:
    buttons = [{"title": "是", "url": URL}, {"title": "否", "url": URL + "/no"}]
    result = {
        "msg_type": "actionCard",
        "title": "t",
        "content": "c",
        "btn_orientation": "1",
        "buttons": buttons,
    }
    card = only(KIND, result)["actionCard"]
    assert card["btnOrientation"] == "1"
    assert card["btns"] == [{"title": "是", "actionURL": URL}, {"title": "否", "actionURL": URL + "/no"}]


def test_a_cards_oversize_content_is_cut_with_the_runs_link() -> None:
    result = {
        "msg_type": "actionCard",
        "title": "t",
        "content": "字" * 9000,
        "buttons": [{"title": "看", "url": URL}],
    }
    assert only(KIND, result)["actionCard"]["text"].endswith(f"]({PAGE.url})")
    assert codes(KIND, result) == ["cut"]


def test_a_feed_card_spells_its_addresses_its_own_way() -> None:
    card = only(KIND, {"msg_type": "feedCard", "links": links(2)})["feedCard"]
    assert card["links"][0] == {"title": "标题0", "messageURL": f"{URL}/0", "picURL": PICTURE}


def test_a_link_spells_its_addresses_its_own_way() -> None:
    result = {"msg_type": "link", "title": "t", "content": "c", "url": URL, "pic_url": PICTURE}
    assert only(KIND, result)["link"] == {"title": "t", "text": "c", "messageUrl": URL, "picUrl": PICTURE}


def test_a_link_without_address_leads_to_the_run_or_is_markdown() -> None:
    result = {"msg_type": "link", "title": "t", "content": "c"}
    assert only(KIND, result)["link"]["messageUrl"] == PAGE.url
    assert only(KIND, result, NOWHERE)["msgtype"] == "markdown"
    assert codes(KIND, result, NOWHERE) == ["needs_url"]


def test_a_feed_without_a_picture_is_a_list() -> None:
    result = {"msg_type": "feedCard", "links": [*links(1), {"title": "无图", "url": URL}]}
    assert f"- [无图]({URL})" in only(KIND, result)["markdown"]["text"]
    assert codes(KIND, result) == ["needs_picture"]


def test_one_article_is_a_link() -> None:
    result = {"msg_type": "news", "articles": links(1, description="摘要")}
    assert only(KIND, result)["link"]["text"] == "摘要"


def test_news_is_a_feed_whose_descriptions_are_lost() -> None:
    result = {"msg_type": "news", "articles": links(3, description="摘要")}
    assert only(KIND, result)["msgtype"] == "feedCard"
    assert codes(KIND, result) == ["descriptions_left_out"]


def test_a_feeds_title_goes_before_it() -> None:
    payloads = rendered(KIND, {"msg_type": "feedCard", "title": "周报", "links": links(2)}).payloads
    assert [payload["msgtype"] for payload in payloads] == ["text", "feedCard"]
    assert payloads[0]["text"]["content"] == "周报"


def test_mentions_of_a_feed_follow_as_a_short_text() -> None:
    result = {"msg_type": "feedCard", "title": "周报", "links": links(2), "at_mobiles": ["13800000000"]}
    feed, text = rendered(KIND, result).payloads
    assert feed["msgtype"] == "feedCard"
    assert text["text"]["content"] == "周报\n\n@13800000000"
    assert codes(KIND, result) == ["mentions_apart"]


def test_a_template_card_is_an_action_card_with_its_rows_as_a_list() -> None:
    result = {
        "msg_type": "template_card",
        "title": "审批",
        "content": "请看",
        "horizontal_list": [{"keyname": "金额", "value": "¥5,000"}],
        "jump_list": [{"type": 1, "title": "详情", "url": URL}],
    }
    card = only(KIND, result)["actionCard"]
    assert "- **金额**: ¥5,000" in card["text"]
    assert (card["singleTitle"], card["singleURL"]) == ("详情", URL)
    assert codes(KIND, result) == ["sent_as"]


def test_a_template_card_without_address_opens_the_run_or_is_markdown() -> None:
    result = {"msg_type": "template_card", "title": "t", "content": "c"}
    assert only(KIND, result)["actionCard"]["singleURL"] == PAGE.url
    assert only(KIND, result, NOWHERE)["msgtype"] == "markdown"
    assert codes(KIND, result, NOWHERE) == ["needs_url"]


def test_of_interactive_buttons_those_with_an_address_stay() -> None:
    buttons = [{"text": "重跑", "key": "rerun"}, {"text": "日志", "url": URL}]
    result = {
        "msg_type": "template_card",
        "card_type": "button_interaction",
        "title": "t",
        "button_list": buttons,
    }
    assert only(KIND, result)["actionCard"]["singleTitle"] == "日志"
    assert codes(KIND, result) == ["button_without_url", "sent_as"]


def test_an_image_is_a_markdown_picture_where_it_has_an_address() -> None:
    assert f"![]({PICTURE})" in only(KIND, {"msg_type": "image", "image_url": PICTURE})["markdown"]["text"]
    result = {"msg_type": "image", "image_base64": "aGVsbG8="}
    assert only(KIND, result)["text"]["content"] == f"夜间任务\n{PAGE.url}"
    assert codes(KIND, result) == ["image_as_text"]


def test_a_file_is_named_in_a_text() -> None:
    result = {"msg_type": "file", "file_name": "a.csv", "file_base64": "aGVsbG8="}
    assert only(KIND, result)["text"]["content"] == f"a.csv\n{PAGE.url}"
    assert codes(KIND, result) == ["file_as_text"]


def test_json_stays_in_its_fence() -> None:
    assert only(KIND, [1])["markdown"]["text"] == "```json\n[\n  1\n]\n```"


def test_smaller_parts_are_half_of_what_was_refused() -> None:
    message = read("字" * 1100)
    assert message is not None
    (refused,) = DINGTALK_BOT.render(message, PAGE).payloads
    first, second, *_ = DINGTALK_BOT.render_smaller(message, PAGE).payloads
    assert wire_size(first) <= wire_size(refused) // 2
    assert wire_size(first) + wire_size(second) > 0.7 * wire_size(refused)


TABLE = "| 指标 | 数值 |\n|---|---|\n| 销售额 | **¥1** |"


@pytest.mark.parametrize("more", [{}, {"msg_type": "actionCard", "buttons": [{"title": "b", "url": URL}]}])
def test_a_table_is_a_list_unless_the_channel_keeps_it(more: dict[str, Any]) -> None:
    result = {"title": "日报", "content": f"前\n\n{TABLE}\n\n后", **more}

    def text(page: Page) -> str:
        payload = only(KIND, result, page)
        return str(payload.get("actionCard", payload.get("markdown"))["text"])

    assert "- 指标: 销售额 · 数值: **¥1**" in text(PAGE)
    assert codes(KIND, result) == ["tables_as_lists"]
    keeping = replace(PAGE, keeps_tables=True)
    assert TABLE in text(keeping)
    assert codes(KIND, result, keeping) == ["tables_kept"]
