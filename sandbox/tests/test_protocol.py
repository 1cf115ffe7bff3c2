from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.protocol import HEADER, Frames, ProtocolError, pack, revive_bytes

_LIMIT = 1000


def _feed(*pieces: bytes, limit: int = _LIMIT) -> list[dict[str, Any]]:
    frames = Frames(limit)
    return [message for piece in pieces for message in frames.feed(piece)]


def _frame(body: bytes) -> bytes:
    return HEADER.pack(len(body)) + body


def test_a_message_arrives_as_it_was_packed() -> None:
    message = {"text": "中文 \ud800", "number": 1.5, "nothing": None}
    assert _feed(pack(message, _LIMIT)) == [message]


def test_messages_arrive_however_the_stream_is_cut() -> None:
    stream = pack({"n": 1}, _LIMIT) + pack({"n": 2}, _LIMIT)
    assert _feed(*(bytes([byte]) for byte in stream)) == [{"n": 1}, {"n": 2}]


def test_a_frame_is_refused_before_its_body_arrives() -> None:
    with pytest.raises(ProtocolError, match="4294967295"):
        _feed(b"\xff\xff\xff\xff")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"1", b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe", b'{"a": ' + b"9" * 5000 + b"}"],
)
def test_what_is_not_a_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        _feed(_frame(body), limit=10_000)


def test_deep_nesting_is_refused_and_does_not_overflow_the_stack() -> None:
    with pytest.raises(ProtocolError):
        _feed(_frame(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"), limit=1_000_000)


def test_a_message_over_the_limit_is_not_packed() -> None:
    with pytest.raises(ProtocolError, match="1000 are allowed"):
        pack({"text": "x" * _LIMIT}, _LIMIT)


@pytest.mark.parametrize("value", [{1, 2}, object(), float("nan")])
def test_what_json_does_not_know_is_not_packed(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        pack({"value": value}, _LIMIT)


@pytest.mark.parametrize("value", [b"\x00\xff", {"content": b"\x00\xff", "n": 1}, {"content": {"deep": 1}}])
def test_bytes_come_back_at_the_top_and_one_level_down(value: object) -> None:
    sent = json.loads(pack({"value": value}, _LIMIT)[HEADER.size :])
    assert revive_bytes(sent["value"]) == value


def test_false_bytes_are_refused() -> None:
    with pytest.raises(ProtocolError):
        revive_bytes({"__bytes__": "not base64!"})
