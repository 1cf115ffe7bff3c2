"""Files among Dify's outputs reach people as links with the file's name, signed as Dify has signed them."""

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
from testing.servers.dify_replay import replays, streams, transcript

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
