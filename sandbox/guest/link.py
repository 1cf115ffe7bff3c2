"""The script's end of its one connection."""

from __future__ import annotations

import io
import socket
import threading
from typing import Any

from sandbox.protocol import Frames, ProtocolError, pack, revive_bytes

_CHUNK = 262144


class HostGoneError(BaseException):
    """The worker closed the connection: nothing that the script does matters any more."""


class Link:
    """Thread-safe. One call at a time is under way."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._calling = threading.Lock()
        self._frames = Frames(1 << 30)
        self.frame_bytes = 8 << 20

    def send(self, message: dict[str, Any]) -> None:
        frame = pack(message, self.frame_bytes)
        try:
            with self._sending:
                self._connection.sendall(frame)
        except OSError as error:
            raise HostGoneError from error

    def receive(self) -> dict[str, Any]:
        while True:
            data = self._connection.recv(_CHUNK)
            if not data:
                raise HostGoneError
            for message in self._frames.feed(data):
                return message

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The reply as it came. Raises TypeError or ValueError for arguments that are not JSON."""
        with self._calling:
            try:
                self.send({"kind": "call", "name": name, "arguments": arguments})
            except ProtocolError as error:
                raise ValueError(f"{name}(): {error}") from None
            return revive_values(self.receive())


def revive_values(reply: dict[str, Any]) -> dict[str, Any]:
    return {key: revive_bytes(value) for key, value in reply.items()}


class TextStream(io.TextIOBase):
    """A `sys.stdout` that sends whole lines, and unfinished ones when flushed or long."""

    _LONGEST = 32768

    def __init__(self, link: Link, name: str) -> None:
        self._link = link
        self._stream = name
        self._pending: list[str] = []
        self._length = 0
        self._lock = threading.Lock()

    encoding = "utf-8"
    errors = "surrogatepass"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self._lock:
            self._pending.append(text)
            self._length += len(text)
            if "\n" in text or self._length > self._LONGEST:
                self._send()
        return len(text)

    def flush(self) -> None:
        with self._lock:
            self._send()

    def _send(self) -> None:
        text = "".join(self._pending)
        self._pending.clear()
        self._length = 0
        for start in range(0, len(text), self._LONGEST):
            self._link.send(
                {"kind": "text", "stream": self._stream, "text": text[start : start + self._LONGEST]}
            )
