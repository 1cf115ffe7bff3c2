"""The script's standard streams."""

from __future__ import annotations

import io
import threading

from sandbox.guest.link import Link


class TextStream(io.TextIOBase):
    """A `sys.stdout` that sends whole lines, and unfinished ones when flushed or long."""

    _MAX_LINE = 32768

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
            if "\n" in text or self._length > self._MAX_LINE:
                self._send()
        return len(text)

    def flush(self) -> None:
        with self._lock:
            self._send()

    def _send(self) -> None:
        text = "".join(self._pending)
        self._pending.clear()
        self._length = 0
        for start in range(0, len(text), self._MAX_LINE):
            self._link.send(
                {"kind": "text", "stream": self._stream, "text": text[start : start + self._MAX_LINE]}
            )
