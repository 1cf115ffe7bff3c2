"""Server-sent events, from bytes.

Lines end at \\n and nowhere else: Dify writes U+2028, U+2029 and U+0085 raw into its JSON, where
`str.splitlines` would break. Lines of 2 MB are common; a line is joined once, when its end has come.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MAX_FRAME_BYTES = 32 * 1024 * 1024


class FrameTooLargeError(Exception):
    pass


@dataclass(frozen=True)
class Frame:
    """`event` is "" where there was no `event:` line."""

    event: str
    data: bytes


class FrameParser:
    def __init__(self, max_frame_bytes: int = MAX_FRAME_BYTES) -> None:
        self._max_frame_bytes = max_frame_bytes
        self._unfinished: list[bytes] = []
        self._event = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """Yield the frames that this piece completes. Raises FrameTooLargeError."""
        *complete, rest = piece.split(b"\n")
        for ending in complete:
            self._grow(ending)
            line = b"".join([*self._unfinished, ending])
            self._unfinished.clear()
            yield from self._take_line(line.removesuffix(b"\r"))
        if rest:
            self._grow(rest)
            self._unfinished.append(rest)

    def _grow(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._max_frame_bytes:
            raise FrameTooLargeError(f"a frame of more than {self._max_frame_bytes} bytes")

    def _take_line(self, line: bytes) -> Iterator[Frame]:
        if not line:
            if self._event or self._data:
                yield Frame(self._event, b"\n".join(self._data))
            self._event, self._size = "", 0
            self._data.clear()
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
        elif name == b"event":
            self._event = value.strip().decode("utf-8", "replace")
