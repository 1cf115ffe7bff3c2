"""The script's end of its one connection."""

from __future__ import annotations

import _thread
import itertools
import socket
import threading
from collections.abc import Callable
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

    While the script has only one thread, that receives the replies itself. As soon as one of several makes a call, a
    thread of its own receives for all of them from then on. A reply that nobody waits for any more is dropped.

    A signal handler of the script (`signal.alarm`) may raise between any two steps that the main thread makes here, and
    the script may catch that. Therefore:
    1. State changes by one assignment.
    2. What the kernel has taken or given is recorded in the same step that asks for it (`extend(map(…))` is one step).
    3. A frame that was left half sent is finished before the next one.
    4. A message is handed on before it is forgotten: at worst a reply comes twice.
    """

    _connection: socket.socket

    def __init__(self) -> None:
        self._sending, self._receiving = threading.Lock(), threading.Lock()
        self._outgoing = _Outgoing(b"", [])
        self._incoming: list[bytes] = []
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
            while (sent := sum(counts)) < len(frame):
                counts.extend(map(self._connection.send, (view[sent:],)))
        except OSError as error:
            raise HostGoneError from error

    def receive(self) -> dict[str, Any]:
        """Return the next message. Not to be used once calls are made."""
        messages: list[dict[str, Any]] = []
        self._receive(messages.append)
        return messages[0]

    def _receive(self, hand_on: Callable[[dict[str, Any]], None]) -> None:
        while True:
            data = b"".join(self._incoming)
            message, rest = split(data)
            if message is not None:
                hand_on(message)
                self._incoming = [rest]
                return
            self._receive_some(missing_bytes(data))

    def _receive_some(self, min_bytes: int) -> None:
        """Receive at least so many bytes: a large frame is then joined once, not again for each of its pieces."""
        pieces = self._incoming
        known = len(pieces)
        while sum(map(len, pieces[known:])) < min_bytes:
            pieces.extend(map(self._connection.recv, (_CHUNK,)))
            if not pieces[-1]:
                raise HostGoneError

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the reply as it came. Raises TypeError or ValueError for arguments that are not JSON."""
        number, replies = next(self._numbers), _Replies()
        self._waiting[number] = replies
        try:
            self.send({"kind": "call", "id": number, "name": name, "arguments": arguments})
            return revive_values(self._reply(replies))
        except ProtocolError as error:
            raise ValueError(f"{name}(): {error}") from None
        finally:
            self._waiting.pop(number, None)

    def _reply(self, replies: _Replies) -> dict[str, Any]:
        # `threading` doesn't count the threads that were started without it.
        if not (_thread._count() or self._receiver.is_started):  # noqa: SLF001
            with self._receiving:
                while replies.empty():
                    self._receive(self._hand_to_call)
        else:
            self._receiver.start()
        return replies.get()

    def _hand_to_call(self, reply: dict[str, Any]) -> None:
        if replies := self._waiting.get(reply["id"]):
            replies.put(reply)

    def _receive_replies(self) -> None:
        with self._receiving:
            while True:
                self._receive(self._hand_to_call)


def revive_values(reply: dict[str, Any]) -> dict[str, Any]:
    return {key: revive_bytes(value) for key, value in reply.items()}
