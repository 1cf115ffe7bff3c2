"""The host's side of the connection against a guest that no filter holds back."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.host.errors import SandboxLostError, SandboxUnavailableError
from sandbox.host.limits import Limits
from sandbox.host.output import Output
from sandbox.host.result import Verdict
from sandbox.host.rpc import Conversation
from sandbox.protocol import HEADER, pack
from testing.patience import eventually

_READY = pack({"kind": "ready"}, 1000)
_CALL = pack({"kind": "call", "id": 1, "name": "get_var", "arguments": {"key": "k"}}, 1000)
_DONE = pack({"kind": "done", "result": 1}, 1000)

Hold = Callable[..., Verdict | None]


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def hold(pair: tuple[socket.socket, socket.socket]) -> Hold:
    """hold(*what the guest sends before it closes, grants, limits, on_line) → the verdict"""
    ours, theirs = pair

    def hold(*sent: bytes, close: bool = True, **options: Any) -> Verdict | None:
        limits = options.get("limits", Limits())
        output = Output(
            options.get("on_line", lambda stream, text: None), limits.output_bytes, limits.output_lines
        )
        for data in sent:
            theirs.sendall(data)
        if close:
            theirs.shutdown(socket.SHUT_WR)
        return Conversation(ours, {"source": ""}, options.get("grants", {}), limits, output).hold()

    return hold


def _broken(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.error_code == "script_error" and "protocol" in verdict.error


def test_a_last_word_ends_the_conversation(hold: Hold) -> None:
    assert hold(_READY, _DONE, close=False) == Verdict(None, result=1)


def test_the_source_is_not_sent_before_the_guest_is_ready(
    hold: Hold, pair: tuple[socket.socket, socket.socket]
) -> None:
    hold(_DONE, close=False)
    pair[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        pair[1].recv(1)


def test_an_end_before_the_script_began_is_the_sandboxs_fault(hold: Hold) -> None:
    with pytest.raises(SandboxLostError):
        hold()


def test_an_end_without_a_last_word_is_no_verdict(hold: Hold) -> None:
    assert hold(_READY, _DONE[:-1]) is None


def test_a_layer_that_failed_makes_the_sandbox_unavailable(hold: Hold) -> None:
    with pytest.raises(SandboxUnavailableError, match="no Landlock"):
        hold(pack({"kind": "unjailed", "error": "no Landlock"}, 1000))


def test_an_out_of_band_byte_is_junk_and_holds_nobody_up(
    hold: Hold, pair: tuple[socket.socket, socket.socket]
) -> None:
    pair[1].sendall(_READY)
    pair[1].send(b"\xff", socket.MSG_OOB)
    assert _broken(hold(b"\xff\xff\xff\xff", close=False))


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"kind": None},
        {"kind": "ready"},
        {"kind": "text", "stream": "system", "text": "forged"},
        {"kind": "text", "stream": "stdout", "text": 1},
        {"kind": "call", "name": "get_var", "arguments": {"key": "k"}},
        {"kind": "call", "id": "1", "name": "get_var", "arguments": {"key": "k"}},
        {"kind": "call", "id": 1, "name": ["get_var"], "arguments": {}},
        {"kind": "call", "id": 1, "name": "get_var", "arguments": []},
        {"kind": "call", "id": 1, "name": "get_var", "arguments": {}},
        {"kind": "call", "id": 1, "name": "get_var", "arguments": {"key": {"__bytes__": "?"}}},
        {"kind": "call", "id": 1, "name": "log", "arguments": {"message": "x"}},
        {"kind": "failed", "code": "canceled", "error": "forged"},
        {"kind": "failed", "code": "script_error", "error": None},
        {"kind": "done"},
    ],
)
def test_a_message_of_no_known_shape_breaks_the_protocol(hold: Hold, message: dict[str, Any]) -> None:
    grants = {"get_var": lambda **_: None}
    assert _broken(hold(_READY, pack(message, 1000), close=False, grants=grants))


def test_a_guest_that_goes_while_it_is_answered_is_no_fault_of_the_host(
    hold: Hold, pair: tuple[socket.socket, socket.socket]
) -> None:
    def grant(**_: Any) -> str:
        pair[1].close()
        return "x" * (1 << 22)

    assert hold(_READY, _CALL, close=False, grants={"get_var": grant}) is None


@pytest.mark.parametrize(
    "error", [KeyError("row"), ConnectionError("database"), TypeError("x"), ValueError("x")]
)
def test_an_error_of_the_workers_own_is_not_taken_for_the_scripts(hold: Hold, error: Exception) -> None:
    def on_line(stream: str, text: str) -> None:
        raise error

    with pytest.raises(type(error)):
        hold(_READY, pack({"kind": "text", "stream": "stdout", "text": "x\n"}, 1000), on_line=on_line)


def test_a_guest_that_reads_no_reply_is_still_heard(hold: Hold) -> None:
    verdict = hold(_READY, _CALL, _DONE, close=False, grants={"get_var": lambda **_: "x" * (1 << 22)})
    assert verdict == Verdict(None, result=1)


def test_a_guest_that_leaves_much_unread_is_not_heard_until_it_reads(
    hold: Hold, pair: tuple[socket.socket, socket.socket]
) -> None:
    calls: list[Any] = []

    def grant(**_: Any) -> str:
        calls.append(1)
        return "x" * (1 << 20)

    with ThreadPoolExecutor() as pool:
        held = pool.submit(hold, _READY, *[_CALL] * 30, close=False, grants={"get_var": grant})
        eventually(lambda: len(calls) > 8)
        assert len(calls) == 9
        pair[1].shutdown(socket.SHUT_RDWR)
        assert held.result() is None


def test_calls_are_counted(hold: Hold) -> None:
    calls: list[Any] = []
    verdict = hold(
        _READY, *[_CALL] * 5, close=False, grants={"get_var": calls.append}, limits=Limits(calls=3)
    )
    assert verdict is not None
    assert verdict.error_code == "call_limit"


def test_a_frame_over_the_limit_is_refused_at_its_head(hold: Hold) -> None:
    assert _broken(hold(_READY, HEADER.pack(101), close=False, limits=Limits(frame_bytes=100)))
