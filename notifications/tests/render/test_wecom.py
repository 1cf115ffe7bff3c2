import base64

from notifications.render import for_the_record

from .reading import NOWHERE, PAGE, PICTURE, URL, codes, links, only, rendered

BOT, APP = "wecom_bot", "wecom_app"
BUTTONS = [{"title": f"按钮{n}", "url": f"{URL}/{n}"} for n in range(5)]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\npixels").decode()


def test_markdown_is_chosen_by_what_it_holds() -> None:
    assert only(BOT, "**粗** [链接](https://e.com)")["msgtype"] == "markdown"
    assert only(BOT, "| a | b |\n|---|---|\n| 1 | 2 |")["msgtype"] == "markdown_v2"
    assert only(BOT, "- 一\n- 二")["msgtype"] == "markdown_v2"
    assert only(BOT, '<font color="info">好</font>\n- 一')["msgtype"] == "markdown"
    assert only(APP, "- 一\n- 二")["msgtype"] == "markdown"


def test_a_table_beside_colours_becomes_a_list() -> None:
    result = '<font color="info">好</font>\n| a | b |\n|---|---|\n| 1 | 2 |'
    assert only(BOT, result)["markdown"]["content"] == '<font color="info">好</font>\n- a: 1 · b: 2'
    assert codes(BOT, result) == ["tables_as_lists"]


def test_a_title_is_a_heading() -> None:
    assert only(BOT, {"title": "日报", "content": "正文"})["markdown"]["content"] == "### 日报\n\n正文"
    assert (
        only(BOT, {"msg_type": "text", "title": "日报", "content": "正文"})["text"]["content"] == "日报\n正文"
    )


def test_markdown_mentions_user_ids_itself() -> None:
    result = {"content": "正文", "at_user_ids": ["zhangsan", "lisi"]}
    assert only(BOT, result)["markdown"]["content"] == "正文\n<@zhangsan><@lisi>"


def test_other_mentions_follow_as_a_short_text() -> None:
    result = {"title": "日报", "content": "- 一", "at_mobiles": ["13800000000"], "at_all": True}
    text = rendered(BOT, result).payloads[1]["text"]
    assert text == {"content": "日报", "mentioned_list": ["@all"], "mentioned_mobile_list": ["13800000000"]}
    assert codes(BOT, result) == ["mentions_apart"]


def test_a_text_carries_its_mentions_on_its_last_part() -> None:
    parts = rendered(BOT, {"msg_type": "text", "content": "字" * 1000, "at_all": True}).payloads
    assert ["mentioned_list" in part["text"] for part in parts] == [False, True]


def test_an_application_mentions_nobody_and_says_so() -> None:
    assert codes(APP, {"content": "c", "at_all": True, "at_mobiles": ["13800000000"]}) == [
        "mentions_left_out"
    ]


def test_an_application_writes_to_whom_the_message_names() -> None:
    payload = only(APP, {"content": "c", "to_user": ["a", "b"], "to_tag": ["t"]})
    assert (payload["touser"], payload["totag"]) == ("a|b", "t")
    assert "touser" not in only(BOT, {"content": "c", "to_user": ["a"]})
    assert codes(APP, {"content": "c", "to_party": [str(n) for n in range(101)]}) == ["recipients_left_out"]


def test_a_short_action_card_is_a_text_notice() -> None:
    card = only(BOT, {"msg_type": "actionCard", "title": "t", "content": "**短**", "buttons": BUTTONS[:3]})
    assert card["template_card"] == {
        "card_type": "text_notice",
        "main_title": {"title": "t"},
        "sub_title_text": "短",
        "card_action": {"type": 1, "url": f"{URL}/0"},
        "jump_list": [{"type": 1, "title": f"按钮{n}", "url": f"{URL}/{n}"} for n in range(3)],
    }


def test_a_longer_action_card_is_markdown_with_links() -> None:
    for content, buttons in (
        ("短", BUTTONS),
        ("长" * 113, BUTTONS[:1]),
        ("| a |\n|---|\n| 1 |", BUTTONS[:1]),
    ):
        result = {"msg_type": "actionCard", "title": "t", "content": content, "buttons": buttons}
        assert f"- [按钮0]({URL}/0)" in str(only(BOT, result))
        assert "sent_as" in codes(BOT, result)


def test_news_is_eight_a_message() -> None:
    payloads = rendered(BOT, {"msg_type": "feedCard", "links": links(20)}).payloads
    assert [len(payload["news"]["articles"]) for payload in payloads] == [8, 8, 4]
    assert payloads[0]["news"]["articles"][0] == {"title": "标题0", "url": f"{URL}/0", "picurl": PICTURE}


def test_an_articles_title_and_text_are_cut_at_the_services_bytes() -> None:
    (article,) = only(
        BOT, {"msg_type": "news", "articles": links(1, title="长" * 99, description="长" * 200)}
    )["news"]["articles"]
    assert len(article["title"].encode()) <= 128
    assert len(article["description"].encode()) <= 512


def test_a_link_is_news_of_one() -> None:
    result = {"msg_type": "link", "title": "t", "content": "c", "url": URL, "pic_url": PICTURE}
    articles = only(BOT, result)["news"]["articles"]
    assert articles == [{"title": "t", "description": "c", "url": URL, "picurl": PICTURE}]
    assert only(BOT, {"msg_type": "link", "title": "t"}, NOWHERE)["msgtype"] == "markdown"


def test_the_title_of_news_goes_before_it() -> None:
    payloads = rendered(APP, {"msg_type": "news", "title": "周报", "articles": links(1)}).payloads
    assert [payload["msgtype"] for payload in payloads] == ["text", "news"]


def test_a_template_card_keeps_six_rows_and_three_jumps() -> None:
    result = {
        "msg_type": "template_card",
        "title": "t",
        "horizontal_list": [{"keyname": f"k{n}", "value": "v"} for n in range(8)],
        "jump_list": BUTTONS,
    }
    card = only(BOT, result)["template_card"]
    assert (len(card["horizontal_content_list"]), len(card["jump_list"])) == (6, 3)
    assert codes(BOT, result) == ["items_left_out", "items_left_out"]


def test_a_card_opens_its_first_jump_else_its_address_else_the_run() -> None:
    card = {"msg_type": "template_card", "title": "t"}

    def opened(**more: object) -> object:
        return only(BOT, card | more)["template_card"]["card_action"]["url"]

    assert opened(jump_list=BUTTONS[:1], card_url=URL) == f"{URL}/0"
    assert opened(card_url=URL) == URL
    assert opened() == PAGE.url


def test_a_card_that_opens_nothing_is_markdown() -> None:
    result = {"msg_type": "template_card", "title": "t", "horizontal_list": [{"keyname": "k", "value": "v"}]}
    assert "- **k**: v" in only(BOT, result, NOWHERE)["markdown_v2"]["content"]
    assert codes(BOT, result, NOWHERE) == ["needs_url"]


def test_a_news_notice_needs_a_picture() -> None:
    result = {"msg_type": "template_card", "card_type": "news_notice", "title": "t", "content": "c"}
    assert only(BOT, result)["template_card"]["card_type"] == "text_notice"
    assert codes(BOT, result) == ["needs_picture"]
    card = only(BOT, result | {"image_url": PICTURE})["template_card"]
    assert (card["card_type"], card["card_image"]) == ("news_notice", {"url": PICTURE})
    assert card["vertical_content_list"] == [{"title": "c"}]


def test_interactive_buttons_are_for_applications_only() -> None:
    buttons = [{"text": "重跑", "key": "rerun"}, {"text": "日志", "url": URL}]
    result = {
        "msg_type": "template_card",
        "card_type": "button_interaction",
        "title": "t",
        "task_id": "run-42",
        "button_list": buttons,
    }
    card = only(APP, result)["template_card"]
    assert (card["card_type"], card["task_id"]) == ("button_interaction", "run-42")
    assert card["button_list"] == [{"text": "重跑", "key": "rerun"}, {"text": "日志", "type": 1, "url": URL}]
    assert only(BOT, result)["template_card"]["card_type"] == "text_notice"
    assert codes(BOT, result) == ["sent_as", "button_without_url"]


def test_an_image_is_native() -> None:
    image = only(BOT, {"msg_type": "image", "image_base64": PNG})["image"]
    assert set(image) == {"base64", "md5"}
    assert only(BOT, {"msg_type": "image", "image_url": PICTURE})["attach"] == {"url": PICTURE}
    assert only(APP, {"msg_type": "image", "image_base64": PNG})["attach"]["name"] == "picture.png"


def test_a_picture_the_service_does_not_take_is_a_text() -> None:
    gif = base64.b64encode(b"GIF89a").decode()
    assert codes(BOT, {"msg_type": "image", "image_base64": gif}) == ["image_as_text"]
    large = base64.b64encode(b"\xff\xd8\xff" + b"x" * 2 * 1024 * 1024).decode()
    assert codes(BOT, {"msg_type": "image", "image_base64": large}) == ["too_large"]
    assert codes(APP, {"msg_type": "image", "image_base64": large}) == []


def test_a_row_keeps_no_files() -> None:
    for kind in (BOT, APP):
        payload = only(kind, {"msg_type": "image", "image_base64": PNG})
        assert PNG in str(payload)
        assert PNG not in str(for_the_record(payload))
    text = only(BOT, {"msg_type": "text", "content": "c"})
    assert for_the_record(text) == text


def test_a_files_title_stands_above_it() -> None:
    result = {"msg_type": "file", "title": "报表", "file_name": "a.csv", "file_base64": "aGVsbG8gd29ybGQ="}
    text, file = rendered(BOT, result).payloads
    assert text["text"]["content"] == "报表"
    assert file["attach"]["name"] == "a.csv"


def test_an_empty_file_is_a_text() -> None:
    result = {"msg_type": "file", "file_name": "a.csv"}
    assert only(BOT, result)["text"]["content"] == "夜间任务\na.csv"
    assert codes(BOT, result) == ["bad_data"]


def test_oversize_text_is_split_like_markdown() -> None:
    parts = rendered(BOT, {"msg_type": "text", "content": "字" * 3000}).payloads
    assert len(parts) == 3
    assert PAGE.url in parts[-1]["text"]["content"]
    assert codes(BOT, {"msg_type": "text", "content": "字" * 3000}) == ["split", "cut"]
