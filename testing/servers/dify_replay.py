"""A Dify that repeats the recorded answers of a real one, byte by byte, over a real socket.

The recordings are `testing/fixtures/dify/<version>/*.http`: each holds the request with its key masked, then the
raw answer with its chunk framing, and the time and size of each read. What a recording can't show (a proxy's
HTML, other versions of Dify) is made by hand with `says` and `streams`.
"""

import gzip
import json
import re
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

FIXTURES = Path(__file__).parent.parent / "fixtures" / "dify"

_SEPARATOR = re.compile(rb"\n<<< RESPONSE \(raw bytes, framing kept\) elapsed=[\d.]+s reads=(\[.*\])\n")
_END_OF_HEAD = b"\r\n\r\n"

Ending = Literal["close", "reset", "stall"]


@dataclass(frozen=True)
class Request:
    """The names in `headers` are in lower case; `path` includes the query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Transcript:
    """A recording; `reads` are (seconds after the request, bytes)."""

    name: str
    request: Request
    reads: tuple[tuple[float, bytes], ...]

    @property
    def answer(self) -> bytes:
        return b"".join(piece for _, piece in self.reads)


@dataclass(frozen=True)
class Answer:
    """`pieces` are (seconds after the request, bytes). The ending `stall` keeps the connection open in silence."""

    pieces: tuple[tuple[float, bytes], ...]
    ending: Ending = "close"

    @property
    def size(self) -> int:
        return sum(len(piece) for _, piece in self.pieces)

    def split(self, size: int) -> "Answer":
        """Return the same answer in pieces of at most `size` bytes."""
        pieces = ((at, p[i : i + size]) for at, p in self.pieces for i in range(0, len(p), size))
        return replace(self, pieces=tuple(pieces))

    def until(self, offset: int, ending: Ending = "close") -> "Answer":
        """Return only the first `offset` bytes, followed by `ending`."""
        kept, left = [], offset
        for at, piece in self.pieces:
            kept.append((at, piece[: max(left, 0)]))
            left -= len(piece)
        return Answer(tuple(kept), ending)


def transcripts(version: str = "1.15.0") -> list[Transcript]:
    return [_load(path) for path in sorted((FIXTURES / version).glob("*.http"))]


def transcript(name: str, version: str = "1.15.0") -> Transcript:
    return _load(FIXTURES / version / f"{name}.http")


def replays(recorded: Transcript, scale: float = 0) -> Answer:
    """Return the recorded answer with its pauses, `scale` times as long; 0 sends it all at once."""
    return Answer(tuple((at * scale, piece) for at, piece in recorded.reads))


def replays_gzipped(recorded: Transcript) -> Answer:
    """Return the recorded answer compressed on the fly, as by a proxy: each event can be read as soon as it comes."""
    head, _, body = recorded.answer.partition(_END_OF_HEAD)
    compressor = zlib.compressobj(wbits=31)
    chunks = [compressor.compress(part) + compressor.flush(zlib.Z_SYNC_FLUSH) for part in _chunks(body)]
    framed = (b"%x\r\n%s\r\n" % (len(c), c) for c in [*chunks, compressor.flush()])
    head += b"\r\nContent-Encoding: gzip" + _END_OF_HEAD
    return Answer(((0, head), *((0, c) for c in framed), (0, b"0\r\n\r\n")))


def says(status: int, body: bytes | dict[str, Any], *headers: str, compressed: bool = False) -> Answer:
    """Make an answer by hand: HTML if `body` is bytes, JSON if it is a dict."""
    content_type = "text/html" if isinstance(body, bytes) else "application/json"
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", *headers]
    if compressed:
        content = gzip.compress(content)
        lines.append("Content-Encoding: gzip")
    lines.append(f"Content-Length: {len(content)}")
    return Answer(((0, "\r\n".join(lines).encode() + _END_OF_HEAD + content),))


def streams(*frames: bytes | dict[str, Any], ending: Ending = "close") -> Answer:
    """Make a stream by hand: dicts are events, bytes are sent as they are. `close` ends it cleanly."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked" + _END_OF_HEAD
    texts = [f if isinstance(f, bytes) else b"data: " + json.dumps(f).encode() + b"\n\n" for f in frames]
    chunks = [b"%x\r\n%s\r\n" % (len(text), text) for text in texts]
    end = [b"0\r\n\r\n"] if ending == "close" else []
    return Answer(tuple((0, piece) for piece in [head, *chunks, *end]), ending)


PING = b"event: ping\n\n"


class DifyReplay:
    """Gives the answers in order, one per connection. A request beyond the last answer fails the test."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = iter(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._unexpected: list[Request] = []
        self.requests: list[Request] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "DifyReplay":
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()
        if kind is None and self._unexpected:
            raise AssertionError(f"unexpected requests: {self._unexpected}")

    def _start(self, run: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=run, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        # Many tests are about a client that hangs up early.
        with connection, suppress(OSError):
            request = _read_request(connection)
            self.requests.append(request)
            answer = next(self._answers, None)
            if answer is None:
                self._unexpected.append(request)
                return
            self._say(connection, answer)

    def _say(self, connection: socket.socket, answer: Answer) -> None:
        said_at = 0.0
        for at, piece in answer.pieces:
            if self._stopped.wait(at - said_at):
                return
            said_at = at
            connection.sendall(piece)
        if answer.ending == "reset":
            # Closing with linger 0 sends RST instead of FIN.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if answer.ending == "stall":
            self._stopped.wait()


def _load(path: Path) -> Transcript:
    recorded = path.read_bytes()
    separator = _SEPARATOR.search(recorded)
    assert separator, path
    request = _parse_request(recorded[recorded.index(b"\n") + 1 : separator.start()].rstrip(b"\n"))
    return Transcript(
        path.stem, request, tuple(_reads(json.loads(separator[1]), recorded[separator.end() :]))
    )


def _reads(recorded: list[tuple[float, int]], answer: bytes) -> Iterator[tuple[float, bytes]]:
    offset = 0
    for at, size in recorded:
        yield at, answer[offset : offset + size]
        offset += size


def _chunks(body: bytes) -> Iterator[bytes]:
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        if length:
            yield rest[:length]
        body = rest[length + 2 :]


def _parse_request(received: bytes) -> Request:
    head, _, body = received.replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *lines = head.decode("latin-1").split("\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, path, headers, body)


def _read_request(connection: socket.socket) -> Request:
    received = b""
    while _END_OF_HEAD not in received:
        received += _some(connection)
    head, _, body = received.partition(_END_OF_HEAD)
    request = _parse_request(head + _END_OF_HEAD)
    while len(body) < int(request.headers.get("content-length", 0)):
        body += _some(connection)
    return replace(request, body=body)


def _some(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("the client hung up")
    return piece
