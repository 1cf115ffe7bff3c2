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

    A signal handler of the script may interrupt any step and write here as well: what it writes is sent by the step
    that it interrupted.
    """

    _MAX_LINE = 32768
    mode = "wb"

    def __init__(self, stream: str, name: str) -> None:
        self.name = f"<{name}>"
        self._stream = stream
        self.link: Link | None = None
        self.shortened: Mapping[str, str] = {}  # texts, and what is shown in their place
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
        # One step without a call, at which a handler could run and write to the list that is given up.
        taken, self._pending, self._length = self._pending, [], 0
        return shorten(self._decoder.decode(b"".join(taken)), self.shortened)

    def _send_text(self, text: str) -> None:
        assert self.link is not None
        for start in range(0, len(text), self._MAX_LINE):
            piece = text[start : start + self._MAX_LINE]
            self.link.send({"kind": "text", "stream": self._stream, "text": piece})


def _text_stream(buffer: ByteStream, errors: str) -> io.TextIOWrapper:
    """Return a text stream as Python makes its standard ones: in UTF-8, handed on line by line."""
    made = io.TextIOWrapper(buffer, encoding="utf-8", errors=errors, newline="\n", line_buffering=True)
    made.mode = "w"  # type: ignore[misc]  # as Python sets it on its own
    return made


# Made once, in the zygote. The host shows output and errors as one stream, in the order of their lines.
_BYTES = (ByteStream("stdout", "stdout"), ByteStream("stdout", "stderr"), ByteStream("log", "log"))
_OUTPUT, _ERRORS, LOG = map(_text_stream, _BYTES, ("surrogatepass", "backslashreplace", "surrogatepass"))


def connect(link: Link) -> None:
    """Let the streams send by this link, and put them in the place of Python's. The input stays, and is empty."""
    for stream in _BYTES:
        stream.link = link
    sys.stdout, sys.stderr = _OUTPUT, _ERRORS
    vars(sys).update(__stdout__=_OUTPUT, __stderr__=_ERRORS)


def show_shortened(shortened: Mapping[str, str]) -> None:
    """Show these texts as what they are mapped to, from now on."""
    for stream in _BYTES:
        stream.shortened = shortened


def flush_standard() -> None:
    """Flush the standard streams, and those that the script may have put in their place."""
    standard = (_OUTPUT, _ERRORS, sys.stdout, sys.stderr)
    for stream in {id(stream): stream for stream in standard}.values():
        with contextlib.suppress(Exception):
            stream.flush()
