"""The script's end of its one connection."""

from __future__ import annotations

import itertools
import select
import socket
import threading
from queue import SimpleQueue
from typing import Any, NamedTuple

from sandbox.guest.receiver import Receiver
from sandbox.protocol import ProtocolError, missing_bytes, pack, revive_bytes, split

_CHUNK = 262144
_Replies = SimpleQueue[dict[str, Any]]


class HostGoneError(BaseException):
    """The worker closed the connection: nothing that the script does matters any more."""


class _Outgoing(NamedTuple):
    """The frame that is being sent, and how many bytes of it each step sent."""

    frame: bytes
    counts: list[int]


class Link:
    """The connection, safe to use from any thread. Any number of calls may be under way; replies come in any order.

    Before the first call, a thread of its own begins to receive, whatever the script does: while much waits to be
    received here, the host doesn't receive either, and a script that only sends would wait for that without end. A
    reply that nobody waits for any more is dropped.

    A signal handler of the script (`signal.alarm`) may come between any two steps that the main thread makes here. It
    may print or make a call itself, and it may raise, which the script may catch. Therefore:
    1. State changes by one assignment.
    2. What is left of a frame is looked up, given to the kernel and recorded in one step (`extend(map(…))`), which
       doesn't wait: handlers run in waits, too.
    3. A frame that was left half sent is finished before the next one, whoever sends that.
    """

    _connection: socket.socket

    def __init__(self) -> None:
        self._sending = threading.RLock()
        self._outgoing = _Outgoing(b"", [])
        self._incoming = b""
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Replies] = {}
        self._receiver = Receiver(self._receive_replies)
        self.frame_bytes = 8 << 20

    def connect(self, connection: socket.socket) -> None:
        """Use this connection, for good. Before that, nothing can be sent or received."""
        self._connection = connection

    def send(self, message: dict[str, Any]) -> None:
        frame = pack(message, self.frame_bytes)
        with self._sending:
            self._finish_frame()
            self._outgoing = _Outgoing(frame, [])
            self._finish_frame()

    def _finish_frame(self) -> None:
        frame, counts = self._outgoing
        view = memoryview(frame)
        try:
            while sum(counts) < len(frame):
                rest = map(view.__getitem__, map(slice, map(sum, (counts,)), (None,)))
                try:
                    counts.extend(map(self._connection.send, rest, (socket.MSG_DONTWAIT,)))
                except BlockingIOError:
                    self._wait_for_room()
        except OSError as error:
            raise HostGoneError from error

    def _wait_for_room(self) -> None:
        poller = select.poll()
        poller.register(self._connection, select.POLLOUT)
        poller.poll()

    def receive(self) -> dict[str, Any]:
        """Return the next message. Not to be used once calls are made."""
        while True:
            message, self._incoming = split(self._incoming)
            if message is not None:
                return message
            self._incoming += self._receive_some(missing_bytes(self._incoming))

    def _receive_some(self, min_bytes: int) -> bytes:
        """Receive at least so many bytes: a large frame is then joined once, not again for each of its pieces."""
        pieces: list[bytes] = []
        while sum(map(len, pieces)) < min_bytes:
            pieces.append(self._connection.recv(_CHUNK))
            if not pieces[-1]:
                raise HostGoneError
        return b"".join(pieces)

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the reply as it came. Raises TypeError or ValueError for arguments that are not JSON."""
        number, replies = next(self._numbers), _Replies()
        self._waiting[number] = replies
        try:
            self._receiver.start()
            self.send({"kind": "call", "id": number, "name": name, "arguments": arguments})
            return revive_values(replies.get())
        except ProtocolError as error:
            raise ValueError(f"{name}(): {error}") from None
        finally:
            self._waiting.pop(number, None)

    def _receive_replies(self) -> None:
        while True:
            reply = self.receive()
            if replies := self._waiting.get(reply["id"]):
                replies.put(reply)


def revive_values(reply: dict[str, Any]) -> dict[str, Any]:
    return {key: revive_bytes(value) for key, value in reply.items()}
