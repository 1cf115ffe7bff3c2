from html import escape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from notifications.channel_types import CHANNEL_TYPES, WITH_RENDERER
from notifications.messages import read
from notifications.render import Page, for_the_record
from notifications.render.markdown_html import to_html
from notifications.render.preview import preview

from .reading import rendered
from .test_any_result import PAGES, RESULTS

TAGS = {
    *(
        "style",
        "div",
        "span",
        "p",
        "br",
        "hr",
        "b",
        "i",
        "a",
        "img",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
    ),
    *("table", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"),
}
ATTRIBUTES = {"class", "href", "src", "alt", "target", "rel", "referrerpolicy", "loading", "start"}


class Inspector(HTMLParser):
    """Fails on a tag, an attribute or an address that a preview never writes."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in ATTRIBUTES
            if name in ("href", "src"):
                assert (value or "").startswith(("http://", "https://", "data:image/png;base64,"))


def inspect(html: str) -> None:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()


@pytest.mark.parametrize("channel_type", WITH_RENDERER)
@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(result=RESULTS, page=PAGES)
def test_any_result_has_a_preview_without_foreign_tags(channel_type: str, result: Any, page: Page) -> None:
    message = read(result)
    if message is not None:
        inspect(preview(CHANNEL_TYPES[channel_type].render(message, page).payloads))


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[x](javascript:alert(1))",
    '[x](https://e.com/"onmouseover="alert(1))',
    '![x" onerror="alert(1)](https://e.com/a)',
    '<font color="info" onclick="alert(1)">x</font>',
    "**[x](https://e.com/**<b>)**",
    "```\n</pre><script>\n```",
    "| <script> |\n|---|\n| <iframe> |",
    "![a[b](http://e.com/x/onerror=alert(1))](http://e.com/)",
    "![a](http://e.com/[b](http://e.com/x-init=alert(1)))",
    "[![a[b](https://e.com/1)](https://e.com/2)](https://e.com/3)",
    '[a](https://e.com "title" x-data=1 ")',
    "[a](<https://e.com/ x-init=alert(1) >)",
    "![`](https://e.com/`[b](https://e.com/` x-init=alert(1) `))",
    "**<font color=x-init=alert(1)>[a](https://e.com/**)</font>",
    "<@x onclick=alert(1)><at id=x onclick=alert(1)></at>",
    "&lt;script&gt;&#60;script&#62;\\<script>",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    inspect(to_html(text))
    for kind in ("text", "markdown", "actionCard", "link", "template_card"):
        result = {
            "msg_type": kind,
            "title": text,
            "content": text,
            "url": "https://e.com",
            "buttons": [{"title": text, "url": "https://e.com"}],
            "horizontal_list": [{"keyname": text, "value": text}],
        }
        for channel_type in WITH_RENDERER:
            inspect(preview(rendered(channel_type, result).payloads))


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("### 标题", "<h3>标题</h3>"),
        ("**粗** *斜* `码`", "<p><b>粗</b> <i>斜</i> <code>码</code></p>"),
        ("- 一\n- 二", "<ul><li>一</li><li>二</li></ul>"),
        ("> 引\n> 文", "<blockquote><p>引<br>文</p></blockquote>"),
        ("> 引\n文", "<blockquote><p>引</p></blockquote><p>文</p>"),
        ("3. 三\n4. 四", '<ol start="3"><li>三</li><li>四</li></ol>'),
        ("这是**“重点”**内容", "<p>这是<b>“重点”</b>内容</p>"),
        ("[a](javascript:alert)", "<p>[a](javascript:alert)</p>"),
        ("```py\na < b\n```", "<pre>a &lt; b</pre>"),
        ("| a |\n|---|\n| 1 |", "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"),
        ('<font color="warning">慢</font>', '<p><span class="c-warning">慢</span></p>'),
        ("<@zhangsan>", '<p><span class="c-at">@zhangsan</span></p>'),
        ("---", "<hr>"),
    ],
)
def test_marks_are_shown_as_the_chat_shows_them(markdown: str, html: str) -> None:
    assert to_html(markdown) == html


@pytest.mark.parametrize(
    "text",
    [
        *("138****5678 x 2 * 3", "6222****1234 和 138****5678", "张*明, 李*华", "12**34, 56**78", "2*3*4"),
        *(
            "https://e.com/a*b*c",
            "__init__.py",
            "C:\\dir",
            "&amp;",
            "a_b_c",
            "<b>",
            "[x]",
            "** a",
            "`",
            "a] (b)",
        ),
    ],
)
def test_what_the_parser_has_not_paired_is_shown_as_it_stands(text: str) -> None:
    assert to_html(text) == f"<p>{escape(text)}</p>"


def test_a_hostile_text_is_shown_in_bounded_depth() -> None:
    for text in ("*a " * 9000 + "a* " * 9000, "> " * 500 + "x", "- " * 500 + "x", "[" * 9000, "![" * 9000):
        inspect(to_html(text))


def test_a_text_is_no_markdown() -> None:
    html = preview(rendered("dingtalk_bot", {"msg_type": "text", "content": "**a**\n<@b>"}).payloads)
    assert '<p>**a**<br><span class="c-at">@b</span></p>' in html


def test_every_part_is_a_bubble_of_its_own() -> None:
    html = preview(rendered("wecom_bot", {"content": "字" * 3000, "at_mobiles": ["13800000000"]}).payloads)
    assert html.count('class="bubble"') == 4
    assert "@13800000000" in html


def test_pictures_and_files_are_shown() -> None:
    png = "iVBORw0KGgoAAAAN"
    for channel_type in ("wecom_bot", "wecom_app"):
        html = preview(rendered(channel_type, {"msg_type": "image", "image_base64": png}).payloads)
        assert f'src="data:image/png;base64,{png}"' in html
        html = preview(
            rendered(channel_type, {"msg_type": "image", "image_url": "https://e.com/a.png"}).payloads
        )
        assert 'src="https://e.com/a.png"' in html
        result = {"msg_type": "file", "file_name": "<日报>.csv", "file_base64": "aGVsbG8gd29ybGQ="}
        assert "&lt;日报&gt;.csv" in preview(rendered(channel_type, result).payloads)


@pytest.mark.parametrize("channel_type", ["wecom_bot", "wecom_app"])
def test_a_record_without_its_picture_is_shown_by_the_pictures_size(channel_type: str) -> None:
    result = {"msg_type": "image", "image_base64": "iVBORw0KGgoAAAAN"}
    html = preview(for_the_record(each) for each in rendered(channel_type, result).payloads)
    assert "🖼 &lt;16 characters&gt;" in html


def test_buttons_lead_where_the_card_leads() -> None:
    result = {
        "msg_type": "actionCard",
        "title": "t",
        "content": "c",
        "buttons": [{"title": "看", "url": "https://e.com"}],
    }
    for channel_type in ("dingtalk_bot", "feishu_bot"):
        html = preview(rendered(channel_type, result).payloads)
        assert (
            '<a class="button" href="https://e.com" target="_blank" rel="noopener noreferrer">看</a>' in html
        )
