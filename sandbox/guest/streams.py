"""The script's standard streams: Python's own text streams, over byte streams that send lines to the host."""

from __future__ import annotations

import codecs
import contextlib
import io
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandbox.guest.link import Link

if TYPE_CHECKING:
    from typing_extensions import Buffer

_SHOWN = "sandbox-shown"


def _show_undecodable(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return half a surrogate pair as it is, and any other byte that is not UTF-8 as its code."""
    try:
        return codecs.lookup_error("surrogatepass")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)


codecs.register_error(_SHOWN, _show_undecodable)


def shorten(text: str, shortened: Mapping[str, str]) -> str:
    for long, short in shortened.items():
        text = text.replace(long, short)
    return text


class ByteStream(io.BufferedIOBase):
    """Sends whole lines, and unfinished ones when flushed or long.

    `shortened` maps texts to what is shown in their place. A signal handler of the script may interrupt any step and
    write here as well: what it writes is sent by the step that it interrupted.
    """

    _MAX_LINE = 32768
    mode = "wb"

    def __init__(self, link: Link, stream: str, name: str, shortened: Mapping[str, str]) -> None:
        self.name = f"<{name}>"
        self._link = link
        self._stream = stream
        self._shortened = shortened
        self._pending: list[bytes] = []
        self._length = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")(_SHOWN)
        self._lock = threading.RLock()
        self._is_sending = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        raise io.UnsupportedOperation(
            f"{self.name} has no file descriptor in the sandbox: use print() or sys.stdout.buffer.write()"
        )

    def write(self, data: Buffer, /) -> int:
        if self.closed:
            raise ValueError("write to closed file")
        taken = bytes(data)
        with self._lock:
            self._pending.append(taken)
            self._length += len(taken)
            if b"\n" in taken or self._length > self._MAX_LINE:
                self._send()
        return len(taken)

    def flush(self) -> None:
        with self._lock:
            self._send()

    def _send(self) -> None:
        if self._is_sending:
            return
        self._is_sending = True
        try:
            while self._pending:
                self._send_text(self._take_pending())
        finally:
            self._is_sending = False

    def _take_pending(self) -> str:
        data, self._pending, self._length = b"".join(self._pending), [], 0
        return shorten(self._decoder.decode(data), self._shortened)

    def _send_text(self, text: str) -> None:
        for start in range(0, len(text), self._MAX_LINE):
            piece = text[start : start + self._MAX_LINE]
            self._link.send({"kind": "text", "stream": self._stream, "text": piece})


def text_stream(
    link: Link,
    stream: str,
    name: str,
    errors: str = "surrogatepass",
    shortened: Mapping[str, str] | None = None,
) -> io.TextIOWrapper:
    """Return a text stream such as Python's standard ones: in UTF-8, sent line by line."""
    buffer = ByteStream(link, stream, name, shortened or {})
    made = io.TextIOWrapper(buffer, encoding="utf-8", errors=errors, newline="\n", line_buffering=True)
    made.mode = "w"  # type: ignore[misc]  # as Python sets it on its own
    return made


def replace_standard(link: Link, shortened: Mapping[str, str]) -> None:
    """Replace Python's standard output streams. The host shows both as one; the input stays, and is empty."""
    sys.stdout = text_stream(link, "stdout", "stdout", shortened=shortened)
    sys.stderr = text_stream(link, "stdout", "stderr", "backslashreplace", shortened)
    vars(sys).update(__stdout__=sys.stdout, __stderr__=sys.stderr)


def flush_standard() -> None:
    """Flush the standard streams: those that the script may have put in their place, too."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            stream.flush()  # type: ignore[union-attr]  # the script may have set it to None
