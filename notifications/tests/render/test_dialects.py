from collections.abc import Callable

import pytest

from notifications.markdown.document import Document
from notifications.markdown.written import Written
from notifications.render import dialects
from notifications.render.dialects import plain

TABLE = "| 指标 | 数值 |\n|:---:|---:|\n| 销售额 | **¥1** |\n| a \\| b | |"
FENCE = "```py\nx = 1\ny = 2\n```"


def dialect(write: Callable[[Document], Written]) -> Callable[[str], str]:
    return lambda text: write(Document(text)).text


for_dingtalk, for_feishu = dialect(dialects.for_dingtalk), dialect(dialects.for_feishu)
for_wecom, for_wecom_v2 = dialect(dialects.for_wecom), dialect(dialects.for_wecom_v2)


def is_rich(text: str) -> bool:
    return dialects.is_rich(Document(text))


def test_a_table_turned_into_a_list_keeps_its_heads_as_labels() -> None:
    expected = "- 指标: 销售额 · 数值: **¥1**\n- 指标: a | b · 数值: "
    assert for_wecom(TABLE) == expected
    assert [line.rstrip() for line in for_dingtalk(TABLE).split("\n")] == [
        line.rstrip() for line in expected.split("\n")
    ]


def test_dingtalks_lines_do_not_run_together() -> None:
    assert for_dingtalk("one\ntwo\n\nthree") == "one  \ntwo  \n\nthree"


def test_code_keeps_its_lines_as_they_are() -> None:
    for dialect in (for_dingtalk, for_wecom_v2, for_feishu):
        assert dialect(FENCE) == FENCE
    assert for_wecom(FENCE) == "> x = 1\n> y = 2"
    assert for_wecom("```\n```") == ""


def test_each_service_gets_colours_by_its_own_names() -> None:
    text = '<font color="warning">失败</font>'
    assert for_dingtalk(text) == "<font color=#ff8000>失败</font>"
    assert for_feishu(text) == "<font color='orange'>失败</font>"
    assert for_wecom(text) == text
    assert for_wecom_v2(text) == "失败"


def test_a_picture_becomes_a_link_where_none_is_shown() -> None:
    text = "![图](https://e.com/a.png)"
    for dialect in (for_wecom, for_feishu):
        assert dialect(text) == "[图](https://e.com/a.png)"
    for dialect in (for_wecom_v2, for_dingtalk):
        assert dialect(text) == text


def test_feishu_keeps_a_few_tables_and_lists_many() -> None:
    assert for_feishu(TABLE) == TABLE
    assert "|---" not in for_feishu("\n\n".join([TABLE] * 5))


def test_what_only_markdown_v2_shows_is_rich() -> None:
    assert all(map(is_rich, (TABLE, FENCE, "- item", "1. item", "---", "![](https://e.com/a.png)")))
    assert not any(map(is_rich, ("# h", "**b** [t](https://e.com)", "> q", "a - b")))


def test_plain_text_keeps_the_words_only() -> None:
    assert plain("### 标题\n\n- **粗** [链接](https://e.com) `码`\n> 引") == "标题\n粗 链接 码\n引"


PLAIN = (
    *(
        "138****5678 x 2 * 3",
        "6222****1234",
        "6222****1234, 138****5678",
        "张*明 李*华",
        "2*3*4",
        "a ** b",
        "C:\\*a\\*",
    ),
    *(
        "[x](javascript:a)",
        "<font",
        "</font>",
        "![",
        "`",
        "https://e.com/*a*b",
        "__init__.py",
        "a_b_",
        "~~a~~",
        "&lt;",
    ),
)


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("write", [for_dingtalk, for_feishu, for_wecom, for_wecom_v2, plain])
def test_what_is_no_mark_comes_through_unaltered(write: Callable[[str], str], text: str) -> None:
    assert write(text) == text
    assert write(f"## {text}") in (text, f"## {text}")


def test_only_paired_marks_go() -> None:
    assert for_wecom("*a* 2 * 3 *b") == "a 2 * 3 *b"
    assert plain("**a** 2 ** 3 `b` `c") == "a 2 ** 3 b `c"
    assert for_wecom_v2('<font color="info">a</font> <font>') == "a <font>"


def test_marks_are_read_inside_of_quotes_lists_and_tables() -> None:
    text = "> - ![图](https://e.com/a.png)\n\n| ![a](https://e.com/b) | \\| |\n|---|---|\n| *x* | y |"
    assert for_feishu(text) == text.replace("!", "")
    assert for_wecom("> *a\n> b*") == "> a\n> b"


def test_plain_text_keeps_the_words_of_blocks() -> None:
    assert plain("1. a\n2. b\n\n---\n```py\nx = *p\n```\n>\n" + TABLE) == (
        "1. a\n2. b\nx = *p\n指标: 销售额 · 数值: ¥1\n指标: a | b · 数值:"
    )
