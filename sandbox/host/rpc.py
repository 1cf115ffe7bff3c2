"""One script's conversation: its text becomes lines, its calls go to the grants, its last message becomes a verdict.

Everything that comes in is hostile until checked. No call keeps the host from reading on, see `wire.py` and `calls.py`.
"""

from __future__ import annotations

import base64
import json
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.declarations import FUNCTIONS, REQUIRED, Function
from sandbox.host.calls import AT_ONCE, Calls, Later
from sandbox.host.errors import SandboxLostError, SandboxUnavailableError
from sandbox.host.limits import Limits
from sandbox.host.network import Network
from sandbox.host.output import Output, plain_text, safe_text
from sandbox.host.result import JSON, Verdict
from sandbox.host.wire import Wire
from sandbox.protocol import MAX_DEPTH, Frames, ProtocolError, is_deeper, pack, revive_bytes

Grants = Mapping[str, Callable[..., JSON | Later]]
Cut = Callable[[str, int], str]
"""Returns the beginning of a text, at most so many characters."""

_MAX_ERROR = 80000  # more than an honest guest sends
_MAX_GRANT_ERROR = 2000
_ANY_SIZE = 1 << 30
_FAILURES = ("script_error", "syntax_error", "memory_limit", "disk_limit", "result_limit")
_NO_RESULT = (
    "the script sets `result` in a function but not at its top level: nothing is sent as its result. Return the value, "
    "and write for example `result = main()` at the end"
)
_GRANTED = {function.name: function for function in FUNCTIONS if function.is_granted}


def cut_plainly(text: str, max_characters: int) -> str:
    return text[:max_characters]


class Conversation:
    """The conversation with one guest.

    `order` is what the guest is to run; it is sent when the guest reports that its filters are on. `cut` shortens the
    errors of grants. `interrupt` makes the grants that are under way on other threads return.
    """

    def __init__(
        self,
        connection: socket.socket,
        order: dict[str, Any],
        grants: Grants,
        limits: Limits,
        output: Output,
        cut: Cut = cut_plainly,
        interrupt: Callable[[], None] = lambda: None,
        network: Network | None = None,
    ) -> None:
        self._wire = Wire(connection, limits.frame_bytes, 2 * AT_ONCE)
        if network:
            self._wire.look_after(network.channel.fileno(), network.take)
        self._begun = Calls(interrupt)
        self._order = order
        self._grants = grants
        self._limits = limits
        self._output = output
        self._cut = cut
        self._calls = 0
        self._passed: Counter[str] = Counter()  # bytes of the arguments, by the function's name
        self._is_ready = False

    def hold(self) -> Verdict | None:
        """Hold the conversation to its end and return the verdict; None if the connection ended without a last message.

        Raises SandboxLostError if it ended before the script began, SandboxUnavailableError if a layer of the sandbox
        failed, and what `on_line` raises.
        """
        frames = Frames(self._limits.frame_bytes)
        try:
            with self._wire, self._begun:
                while data := self._wire.receive():
                    for message in frames.feed(data):
                        verdict = self._take(message)
                        if verdict is not None:
                            return verdict
                        self._wire.make_room()
        except ProtocolError as error:
            return Verdict("script_error", f"The script broke the protocol: {safe_text(str(error))[:200]}")
        if not self._is_ready:
            raise SandboxLostError("The sandbox ended before the script began.")
        return None

    def _take(self, message: dict[str, Any]) -> Verdict | None:
        match message:
            case {"kind": "call", "id": int(number), "name": str(name), "arguments": dict(arguments)}:
                return self._answer(number, name, arguments)
            case {"kind": "text", "stream": "stdout" | "log" as stream, "text": str(text)}:
                self._output.add(stream, text)
            case {"kind": "ready"} if not self._is_ready:
                self._is_ready = True
                self._wire.send(pack(self._order, _ANY_SIZE))
            case {"kind": "done", "result": result}:
                if message.get("is_result_hidden") is True:
                    self._output.note(_NO_RESULT)
                return self._check_result(result)
            case {"kind": "failed", "code": str(code), "error": str(error)} if code in _FAILURES:
                return Verdict(code, "\n".join(map(plain_text, error[:_MAX_ERROR].split("\n"))))
            case {"kind": "unjailed", "error": str(error)} if not self._is_ready:
                # Only before the source is sent can this message come from the jail, and not from the script.
                raise SandboxUnavailableError(f"A layer of the sandbox failed: {error}")
            case _:
                raise ProtocolError("a message of no known kind")
        return None

    def _check_result(self, result: JSON) -> Verdict:
        try:
            size = len(json.dumps(result, ensure_ascii=False, allow_nan=False).encode())
        except (ValueError, RecursionError):
            return Verdict("result_limit", "result is not JSON")
        if size > self._limits.result_bytes:
            return Verdict("result_limit", f"result takes {size} bytes as JSON")
        return Verdict(None, result=result)

    def _answer(self, number: int, name: str, arguments: dict[str, Any]) -> Verdict | None:
        self._calls += 1
        if self._calls > self._limits.calls:
            return Verdict("call_limit", f"The script made more than {self._limits.calls} calls.")
        function, grant = _GRANTED.get(name), self._grants.get(name)
        if function is None or grant is None:
            raise ProtocolError("a call of what is not granted")
        checked = _check_arguments(function, arguments)
        try:
            self._passed[name] += _check_sizes(function, checked)
            if self._passed[name] > function.max_total_bytes:
                max_megabytes = function.max_total_bytes >> 20
                return Verdict(
                    "call_limit", f"The script passed more than {max_megabytes} MiB to {name}() in all."
                )
            answer = grant(**checked)
        except Exception as error:  # noqa: BLE001  # any error of a grant is passed on for the script to handle
            self._wire.send(self._refusal(number, error))
            return None
        if isinstance(answer, Later):
            self._wire.expect_post()
            self._begun.begin(lambda: self._wire.post(self._reply(number, answer.work)))
        else:
            self._wire.send(self._reply(number, lambda: answer))
        return None

    def _reply(self, number: int, work: Callable[[], JSON]) -> bytes:
        try:
            return pack({"id": number, "value": work()}, self._limits.frame_bytes)
        except Exception as error:  # noqa: BLE001  # any error of a grant is passed on for the script to handle
            return self._refusal(number, error)

    def _refusal(self, number: int, error: Exception) -> bytes:
        return pack({"id": number, "error": self._describe(error)}, self._limits.frame_bytes)

    def _describe(self, error: Exception) -> dict[str, str]:
        return {"type": type(error).__name__, "message": self._cut(str(error), _MAX_GRANT_ERROR)}


def _check_arguments(function: Function, arguments: dict[str, Any]) -> dict[str, JSON]:
    known = {parameter.name: parameter.default for parameter in function.parameters}
    if not set(arguments) <= set(known):
        raise ProtocolError(f"{function.name} with unknown arguments")
    checked = {name: revive_bytes(arguments[name]) if name in arguments else known[name] for name in known}
    if any(value is REQUIRED for value in checked.values()):
        raise ProtocolError(f"{function.name} without a required argument")
    return checked


def _check_sizes(function: Function, arguments: Mapping[str, JSON]) -> int:
    """Return how many bytes the arguments take in all. Raises ValueError if one takes more than it may."""
    total = 0
    for parameter in function.parameters:
        what, value = f"{function.name}(): {parameter.name}", arguments[parameter.name]
        if is_deeper(value, MAX_DEPTH):
            raise ValueError(f"{what} is nested deeper than {MAX_DEPTH}")
        if (size := _size(value)) > parameter.max_bytes:
            raise ValueError(f"{what} takes {size} bytes; at most {parameter.max_bytes} are allowed")
        total += size
    return total


def _size(value: JSON) -> int:
    """Return the size in bytes: of bytes as they are, of a text as UTF-8, of anything else as JSON."""
    if isinstance(value, bytes):
        return len(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_as_base64)
    return len(text.encode("utf-8", "surrogatepass"))


def _as_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
