"""Files among Dify's outputs reach people as links with the file's name, signed as Dify has signed them."""

from dataclasses import replace
from typing import Any

import pytest

from common.redact import mask_shapes, mask_shapes_but_files
from notifications.channel_types import DINGTALK_BOT
from notifications.messages import read
from notifications.render import Page
from scheduling.kinds.dify.client import RunRequest
from scheduling.kinds.dify.config import DifyConfig
from scheduling.kinds.dify.message import message_of
from scheduling.tests.kinds.context import FakeContext
from scheduling.tests.kinds.dify.attempt import OCCASION
from testing.servers.dify_replay import replays, says, streams, transcript

from .app import run_against

SIGNED = (
    "https://dify.example/files/aa947d5b/file-preview?timestamp=1795276832&nonce=ed38fb28&sign=prtuTyEd-g%3D"
)
# As the servers of 1.15.0 describe it, shortened.
DOCUMENT = {
    "dify_model_identity": "__dify__file__",
    "type": "document",
    "transfer_method": "local_file",
    "remote_url": "",
    "filename": "日报.txt",
    "url": SIGNED,
}
PICTURE = {**DOCUMENT, "type": "image", "filename": "chart.png"}
LINK = f"📎 [日报.txt]({SIGNED})"


def content_of(outputs: dict[str, Any]) -> str:
    message = message_of(outputs, DifyConfig(), OCCASION, FakeContext())
    assert message["title"] == "日报"
    text: str = message["content"]
    return text


@pytest.mark.parametrize(
    ("outputs", "content"),
    [
        ({"doc": DOCUMENT}, LINK),
        ({"files": [DOCUMENT, PICTURE]}, f"{LINK}\n\n![chart.png]({SIGNED})"),
        ({"text": "Done.", "files": [DOCUMENT]}, f"Done.\n\n{LINK}"),
        ({"a": "1", "b": "2", "doc": DOCUMENT}, f"**a**\n\n1\n\n**b**\n\n2\n\n{LINK}"),
        ({"doc": {**DOCUMENT, "filename": "a [b].txt"}}, f"📎 [a (b).txt]({SIGNED})"),
        ({"doc": {**DOCUMENT, "url": None, "remote_url": "https://e.com/a (1).txt"}},
         "📎 [日报.txt](https://e.com/a%20%281%29.txt)"),
        ({"doc": {**DOCUMENT, "url": "/files/aa/file-preview?timestamp=1&nonce=a&sign=b"}}, "📎 日报.txt"),
    ],
)  # fmt: skip
def test_a_file_is_a_link_with_its_name(outputs: dict[str, Any], content: str) -> None:
    assert content_of(outputs) == content


def test_the_files_of_a_message_follow_its_content() -> None:
    outputs = {"msg_type": "markdown", "title": "日报", "content": "Done.", "files": [DOCUMENT, PICTURE]}
    message = message_of(outputs, DifyConfig(), OCCASION, FakeContext())
    assert message == {
        "msg_type": "markdown",
        "title": "日报",
        "content": f"Done.\n\n{LINK}\n\n![chart.png]({SIGNED})",
    }
    alone = message_of({"content": "", "doc": DOCUMENT}, DifyConfig(), OCCASION, FakeContext())
    assert alone == {"content": LINK}


def test_a_message_that_has_no_text_to_add_links_to_stays_as_it_is() -> None:
    for outputs in ({"links": [], "files": [DOCUMENT]}, {"content": {"a": 1}, "files": [DOCUMENT]}):
        assert message_of(outputs, DifyConfig(), OCCASION, FakeContext()) == outputs
    plain = {"content": "Done.", "files": [], "rows": [1]}
    assert message_of(plain, DifyConfig(), OCCASION, FakeContext()) == plain


def test_what_only_resembles_a_file_stays_as_it_is() -> None:
    assert content_of({"rows": [DOCUMENT, {"id": 1}]}).startswith("```\n")
    assert content_of({"row": {"type": "image", "url": "https://e.com"}}).startswith("```\n")


def test_the_signature_reaches_the_reader_and_no_row() -> None:
    content = content_of({"doc": DOCUMENT})
    assert mask_shapes_but_files(content) == content
    assert "prtuTyEd" not in mask_shapes(content)
    message = read({"content": content})
    assert message is not None
    (payload,) = DINGTALK_BOT.render(message, Page()).payloads
    assert SIGNED in payload["markdown"]["text"]


def test_a_document_of_a_real_server_is_a_link() -> None:
    outputs = dict(run_against(replays(transcript("file_run_blocking")), RunRequest(user="u")).outputs)
    assert content_of(outputs).startswith("📎 [日报.txt](http://127.0.0.1:23001/files/aa947d5b-")


def test_the_files_that_an_agent_sends_follow_its_answer() -> None:
    made = "https://dify.example/files/tools/0a1b.png?timestamp=1&nonce=a&sign=b"
    agent = RunRequest(user="u", app_type="chat", query="draw")
    frames: list[dict[str, Any]] = [
        {
            "event": "message_file",
            "id": "1",
            "type": "image",
            "belongs_to": "user",
            "url": "https://e.com/given.png",
        },
        {"event": "message_file", "id": "2", "type": "image", "belongs_to": "assistant", "url": made},
        {"event": "agent_message", "message_id": "m", "answer": "Here it is."},
        {"event": "message_end", "message_id": "m", "metadata": {}},
    ]
    outputs = dict(run_against(streams(*frames), agent).outputs)
    assert content_of(outputs) == f"Here it is.\n\n![0a1b.png]({made})"


# As `message_end` of a chat or agent app describes the files of a message: those it was given and those of its tools.
MADE = "https://dify.example/files/tools/0a1b.png?timestamp=2&nonce=b&sign=c"
WHOLE = {
    "related_id": "2",
    "extension": ".png",
    "filename": "0a1b.png",
    "size": 0,
    "mime_type": "application/octet-stream",
    "transfer_method": "tool_file",
    "type": "image",
    "url": MADE,
    "upload_file_id": "2",
    "remote_url": "",
}
GIVEN = {**WHOLE, "related_id": "1", "transfer_method": "local_file", "filename": "given.png", "url": SIGNED}
AGENT = RunRequest(user="u", app_type="chat", query="draw")
SENT = f"Here it is.\n\n![0a1b.png]({MADE})"


@pytest.mark.parametrize("is_announced", [True, False])
def test_the_files_of_a_whole_message_are_sent_once(is_announced: bool) -> None:
    early = MADE.replace("timestamp=2", "timestamp=1")
    frames: list[dict[str, Any]] = [
        {"event": "message_file", "id": "2", "type": "image", "belongs_to": "assistant", "url": early},
        {"event": "agent_message", "message_id": "m", "answer": "Here it is."},
        {"event": "message_end", "message_id": "m", "metadata": {}, "files": [GIVEN, WHOLE]},
    ]
    outputs = dict(run_against(streams(*frames[0 if is_announced else 1 :]), AGENT).outputs)
    assert content_of(outputs) == SENT


def test_the_files_of_a_blocking_answer_are_sent() -> None:
    body = {"event": "message", "message_id": "m", "answer": "Here it is.", "files": [GIVEN, WHOLE]}
    blocking = replace(AGENT, response_mode="blocking")
    assert content_of(dict(run_against(says(200, body), blocking).outputs)) == SENT


@pytest.mark.parametrize("files", [None, [], [GIVEN], "x", [1], [{"transfer_method": "tool_file"}]])
def test_an_answer_without_files_of_its_own_is_its_text(files: Any) -> None:
    body = {"event": "message", "message_id": "m", "answer": "Here it is.", "files": files}
    outputs = dict(run_against(says(200, body), replace(AGENT, response_mode="blocking")).outputs)
    assert outputs == {"answer": "Here it is."}
