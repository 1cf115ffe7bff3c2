"""What a result looks like, before it is sent."""

from __future__ import annotations

import pytest

from testing.callers import Caller, fields, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Caller:
    return member("viewer")


def test_it_shows_what_would_be_sent_what_is_lost_and_how_it_looks(viewer: Caller) -> None:
    result = {"msg_type": "feedCard", "links": [{"title": "<b>", "url": "https://example.com"}]}
    answer = viewer.post("/messages/preview", {"result": result, "channel_type": "wecom_bot"}).json()
    assert answer["payloads"][0]["msgtype"] == "news"
    assert isinstance(answer["notes"], list)
    assert "&lt;b&gt;" in answer["html"]
    assert ".chat" in answer["style"]


@pytest.mark.parametrize("nothing", [None, "", {}, []])
def test_of_nothing_it_says_that_nothing_is_sent(viewer: Caller, nothing: object) -> None:
    answer = viewer.post("/messages/preview", {"result": nothing, "channel_type": "dingtalk_bot"}).json()
    assert answer["payloads"] == []
    assert answer["notes"] == ["The result contains nothing to send."]


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("dingtalk_bot", "msgtype"),
        ("wecom_bot", "msgtype"),
        ("wecom_app", "msgtype"),
        ("feishu_bot", "msg_type"),
        ("apprise", "body"),
    ],
)
def test_there_is_a_preview_for_each_kind(viewer: Caller, kind: str, member: str) -> None:
    answer = viewer.post("/messages/preview", {"result": "**bold**", "channel_type": kind}).json()
    assert member in answer["payloads"][0]
    assert "bold" in answer["html"]


def test_a_message_needs_a_kind_of_channel(viewer: Caller) -> None:
    refused = viewer.post("/messages/preview", {"result": "x", "channel_type": "pigeon"})
    assert fields(refused) == {"channel_type"}


def test_a_preview_says_what_becomes_of_tables(viewer: Caller) -> None:
    body = {"result": "| a | b |\n|---|---|\n| 1 | 2 |", "channel_type": "dingtalk_bot"}
    listed = viewer.post("/messages/preview", body).json()
    kept = viewer.post("/messages/preview", body | {"table_style": "keep"}).json()
    assert listed["payloads"][0]["markdown"]["text"].startswith("- a: 1 · b: 2")
    assert kept["payloads"][0]["markdown"]["text"] == body["result"]
    assert ["they were turned into lists" in listed["notes"][0], "Tables were kept" in kept["notes"][0]] == [
        True,
        True,
    ]
