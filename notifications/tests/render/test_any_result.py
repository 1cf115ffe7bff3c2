"""Whatever a script leaves in `result`, every channel gets what its service takes, and nothing raises."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from notifications.channel_types import CHANNEL_TYPES, WITH_RENDERER
from notifications.messages import TYPES, read
from notifications.render import Page

from .completed import violation

CHARACTERS = st.characters(exclude_categories=[])  # lone surrogates too: JSON can carry them
WORDS = st.one_of(
    st.text(CHARACTERS, max_size=200),
    st.sampled_from(
        [
            "",
            " ",
            "字" * 7_000,
            "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 1_200,
            "a" * 70_000,
            '"\\' * 12_000,
            "# title\n\n" + "| a | b |\n|---|---|\n" + "| 1 | x |\n" * 900,
            "```py\n" + "line\n" * 4_000,
            "- [a](https://e.com/b)\n" * 900,
            '![x](https://e.com/p.png) <font color="info">ok</font> <@zhangsan>',
            "[" * 9_000,
            "![](" * 5_000,
            "||\n|-|\n|",
        ]
    ),
)
URLS = st.sampled_from(
    [
        "https://e.com",
        "https://e.com/" + "p" * 2_000,
        "https://e.com/" + "\\" * 2_000,
        "javascript:1",
        "",
        " x ",
    ]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, URLS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=8,
)
ITEM = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("title", "text", "description", "keyname", "value", "key"), WORDS),
        **dict.fromkeys(("url", "pic_url", "picurl"), URLS),
        "type": st.integers(0, 2),
    },
)
ITEMS = st.one_of(st.lists(ITEM, max_size=5), st.builds(lambda item: [item] * 130, ITEM))
NAMES = st.one_of(
    st.just([f"138{number:08d}" for number in range(120)]),
    st.just(["u" * 64] * 3 + [f"{number:064d}" for number in range(1_200)]),
    VALUES,
)
MESSAGES = st.fixed_dictionaries(
    {"msg_type": st.sampled_from([*TYPES, "voice", None]), "content": WORDS},
    optional={
        "card_type": st.sampled_from(["text_notice", "news_notice", "button_interaction"]),
        **dict.fromkeys(("title", "task_id", "file_name"), st.one_of(WORDS, VALUES)),
        **dict.fromkeys(("url", "card_url", "pic_url", "image_url"), URLS),
        **dict.fromkeys(
            ("buttons", "links", "articles", "horizontal_list", "jump_list", "button_list"), ITEMS
        ),
        **dict.fromkeys(("at_mobiles", "at_user_ids", "to_user", "to_party"), NAMES),
        **dict.fromkeys(
            ("image_base64", "file_base64"), st.sampled_from(["", "not base64", "iVBORw0KGgoAAAAN", 1])
        ),
        "at_all": st.booleans(),
        "btn_orientation": st.sampled_from(["0", "1", 1, None]),
    },
)
RESULTS = st.one_of(VALUES, MESSAGES)
PAGES = st.builds(
    Page,
    st.sampled_from(["", "https://p.example/runs/1"]),
    st.sampled_from(["", "任务" * 50]),
    st.sampled_from([0, 300, 3_000]),
)


@pytest.mark.parametrize("channel_type", WITH_RENDERER)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(result=RESULTS, page=PAGES)
@example(result={"content": "\ud800 \x00 \r\n"}, page=Page())
@example(result={"content": "", "title": ""}, page=Page())
@example(result="<font color='info'>" + " " * 30_000 + "</font>\n- ", page=Page())
@example(result={"msg_type": "text", "content": "x" + "\n" * 30_000}, page=Page(refused=10_000))
@example(result=float("nan"), page=Page())
def test_any_result_is_something_the_service_takes(channel_type: str, result: Any, page: Page) -> None:
    message = read(result)
    if message is None:
        assert result is None or result in ("", {}, [])
        return
    rendered = CHANNEL_TYPES[channel_type].render(message, page)
    assert rendered.payloads
    for payload in rendered.payloads:
        json.dumps(payload, allow_nan=False, ensure_ascii=False).encode()
        assert violation(channel_type, payload) is None
    assert all(note.text for note in rendered.notes)


@pytest.mark.parametrize("channel_type", WITH_RENDERER)
def test_a_result_nested_deeper_than_python_writes_is_still_a_message(channel_type: str) -> None:
    nested: Any = []
    for _ in range(900):
        nested = [nested]
    message = read({"x": nested})
    assert message is not None
    assert CHANNEL_TYPES[channel_type].render(message, Page()).payloads
