"""What people write as plain text arrives as they wrote it: only marks that the parser has paired may go."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.markdown.document import Document
from notifications.render.dialects import for_wecom, plain

from .reading import only

ORDER = "138****5678 下单 2 * 3 件, 卡 6222****1234"

# Words that hold characters which are marks elsewhere. None of them can pair with another.
WORDS = st.one_of(
    st.from_regex(r"[a-z字0-9]{1,8}", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}\*{1,6}[0-9]{1,4}", fullmatch=True),
    st.sampled_from(["*", "**", "2*3", "a_b_c", "__init__.py", "C:\\temp", "<b>", "&lt;", "#5", "50%", "~~"]),
)
LINES = st.lists(WORDS, min_size=1, max_size=5).map(lambda words: "x " + " ".join(words))
TEXTS = st.lists(LINES, min_size=1, max_size=3).map("\n".join)

ROBOTS = ("dingtalk_bot", "wecom_bot", "wecom_app", "feishu_bot")


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in texts_in(one)]


def without_line_ends(text: str) -> str:
    """Return the text without the two spaces by which DingTalk's Markdown ends a line."""
    return text.replace("  \n", "\n")


@pytest.mark.parametrize("channel_type", ROBOTS)
@given(text=TEXTS)
@example(text=ORDER)
def test_every_type_that_shows_a_text_shows_it_as_it_is(channel_type: str, text: str) -> None:
    for result in (
        {"msg_type": "text", "content": text},
        {"content": text},
        {"msg_type": "link", "title": "t", "content": text, "url": "https://e.com"},
        {"msg_type": "actionCard", "title": "t", "content": text},
    ):
        shown = "\n".join(texts_in(only(channel_type, result)))
        assert text in without_line_ends(shown), result


@given(text=st.text("a1字 *_#<>()[]&~", max_size=40))
@pytest.mark.parametrize(
    "write", [lambda text: for_wecom(Document(text)).text, plain], ids=["wecom", "plain"]
)
def test_only_pairs_of_stars_go_from_a_line(write: Callable[[str], str], text: str) -> None:
    line = f"x {text} x"
    gone = Counter(line) - Counter(write(line))
    assert set(gone) <= {"*"}
    assert gone["*"] % 2 == 0
    assert write(line).replace("*", "") == line.replace("*", "")


@pytest.mark.parametrize("channel_type", ROBOTS)
def test_a_link_card_keeps_a_phone_number_and_a_product(channel_type: str) -> None:
    card = {"msg_type": "link", "title": "订单", "content": ORDER, "url": "https://e.com"}
    assert any(ORDER in text for text in texts_in(only(channel_type, card)))
