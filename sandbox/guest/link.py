"""The script's end of its one connection."""

from __future__ import annotations

import socket
import threading
from typing import Any, NamedTuple

from sandbox.protocol import ProtocolError, missing_bytes, pack, revive_bytes, split

_CHUNK = 262144


class HostGoneError(BaseException):
    """The worker closed the connection: nothing that the script does matters any more."""


class _Outgoing(NamedTuple):
    """The frame that is being sent, how many bytes of it each step sent, and the id of the last call so far."""

    frame: bytes
    counts: list[int]
    last_call: int


class _Incoming(NamedTuple):
    """The bytes received that are no complete message yet, and the id of the last reply."""

    pieces: list[bytes]
    last_answer: int


class Link:
    """The connection, safe to use from any thread; one call at a time is under way.

    A signal handler of the script (`signal.alarm`) may raise between any two steps here, and the script may catch that.
    Therefore:
    1. State changes by one assignment.
    2. What the kernel has taken or given is recorded in the same step that asks for it (`extend(map(…))` is one step).
    3. A frame that was left half sent is finished before the next one.
    4. The reply to an abandoned call is read before the next call: until then the host takes no further one.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._calling = threading.Lock()
        self._outgoing = _Outgoing(b"", [], 0)
        self._incoming = _Incoming([], 0)
        self.frame_bytes = 8 << 20

    def send(self, message: dict[str, Any]) -> None:
        frame = pack(message, self.frame_bytes)
        with self._sending:
            self._finish_frame()
            self._outgoing = _Outgoing(frame, [], message.get("id", self._outgoing.last_call))
            self._finish_frame()

    def _finish_frame(self) -> None:
        frame, counts, _ = self._outgoing
        view = memoryview(frame)
        try:
            while (sent := sum(counts)) < len(frame):
                counts.extend(map(self._connection.send, (view[sent:],)))
        except OSError as error:
            raise HostGoneError from error

    def receive(self) -> dict[str, Any]:
        while True:
            data = b"".join(self._incoming.pieces)
            message, rest = split(data)
            if message is not None:
                self._incoming = _Incoming([rest], message.get("id", 0))
                return message
            self._receive_some(missing_bytes(data))

    def _receive_some(self, min_bytes: int) -> None:
        """Receive at least so many bytes: a large frame is then joined once, not again for each of its pieces."""
        pieces = self._incoming.pieces
        known = len(pieces)
        while sum(map(len, pieces[known:])) < min_bytes:
            pieces.extend(map(self._connection.recv, (_CHUNK,)))
            if not pieces[-1]:
                raise HostGoneError

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the reply as it came. Raises TypeError or ValueError for arguments that are not JSON."""
        with self._calling:
            self._finish_call()
            number = self._outgoing.last_call + 1
            try:
                self.send({"kind": "call", "id": number, "name": name, "arguments": arguments})
            except ProtocolError as error:
                raise ValueError(f"{name}(): {error}") from None
            return revive_values(self.receive())

    def _finish_call(self) -> None:
        with self._sending:
            self._finish_frame()
        while self._incoming.last_answer < self._outgoing.last_call:
            self.receive()


def revive_values(reply: dict[str, Any]) -> dict[str, Any]:
    return {key: revive_bytes(value) for key, value in reply.items()}
