"""One connection, and how long it may stay in each of its phases.

    HEADERS ──> BODY ──> SERVING ──> SENDING ──> LINGERING ──> closed
                                        └──────> IDLE ──> HEADERS …

The time of a phase counts as a whole: a byte a second does not prolong it. There is no limit while Django works.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum, auto
from typing import Any

from django.conf import settings
from waitress.channel import HTTPChannel

from platform_site.web.parser import Parser
from platform_site.web.task import Task


class Phase(Enum):
    IDLE = auto()
    HEADERS = auto()
    BODY = auto()
    SERVING = auto()
    SENDING = auto()
    LINGERING = auto()


MAX_SECONDS: Mapping[Phase, float] = {
    Phase.IDLE: 15,
    Phase.HEADERS: settings.WEB_HEADER_SECONDS,
    Phase.BODY: settings.WEB_BODY_SECONDS,
    Phase.SERVING: float("inf"),
    Phase.SENDING: 300,
    Phase.LINGERING: 3,
}
LINGER_BYTES = 64 << 20  # read and thrown away, so that a client which is still sending gets the answer
MIN_COUNTED_BYTES = 64 << 10  # the bodies are measured each time that one has grown by this much
TOO_SLOW, NO_ROOM = "408 Request Timeout", "503 Service Unavailable"


class Channel(HTTPChannel):
    parser_class, task_class = Parser, Task
    request: Parser | None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.since = time.monotonic()
        self.served = 0
        self.to_linger: int | None = None  # bytes; None until the whole answer has been sent
        self._seen = (Phase.HEADERS, self.served)

    @property
    def phase(self) -> Phase:
        if self.to_linger is not None:
            return Phase.LINGERING
        if self.requests:
            return Phase.SERVING
        if self.total_outbufs_len or self.close_when_flushed or self.will_close:
            return Phase.SENDING
        if self.request is None:
            return Phase.IDLE if self.served else Phase.HEADERS
        return Phase.BODY if self.request.headers_finished else Phase.HEADERS

    @property
    def held_bytes(self) -> int:
        """The bytes of request bodies: those that wait for a thread, and the one that is coming in."""
        requests = [*self.requests, *([self.request] if self.request else [])]
        return sum(request.body_bytes_received for request in requests)

    def look(self, now: float) -> None:
        """End the connection if it has been in one phase for too long. The loop's thread calls this again and again."""
        seen = (self.phase, self.served)
        if seen != self._seen:
            self._seen, self.since = seen, now
        elif now - self.since > MAX_SECONDS[seen[0]]:
            self.give_up()

    def give_up(self) -> None:
        """End a connection that is too slow.

        A client is told so only while its request is coming in: behind an answer that is not read nothing can be sent.
        """
        if self.request is not None and self.phase in (Phase.HEADERS, Phase.BODY):
            self.refuse(TOO_SLOW)
        else:
            self.will_close = True

    def refuse(self, status: str) -> None:
        """Answer a request that is still coming in, and forget it."""
        assert self.request is not None
        self.request.close()
        self.request = None
        self.write_soon(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        self.close_when_flushed = True

    def received(self, data: bytes) -> bool:
        if self.to_linger is not None:
            self.to_linger -= len(data)
            self.will_close = self.to_linger < 0
            return False
        before = self._blocks()
        taken = bool(super().received(data))
        # At once: by the next look of each second a newer request could count as the slowest.
        self.look(time.monotonic())
        if self._blocks() > before:
            self.server.make_room_for_bodies()
        return taken

    def _blocks(self) -> int:
        return int(self.request.body_bytes_received // MIN_COUNTED_BYTES) if self.request else 0

    def service(self) -> None:
        super().service()
        self.served += 1

    def handle_write(self) -> None:
        """Write as waitress does, but linger before closing.

        Closing with something unread would reset the connection, and the answer would be lost.
        """
        if self.close_when_flushed and not self.will_close:
            self._flush_exception(self._flush_some)
            if not self.total_outbufs_len and not self.will_close:
                self._linger()
        else:
            super().handle_write()

    def _linger(self) -> None:
        self.close_when_flushed = False
        self.to_linger = LINGER_BYTES
        with suppress(OSError):  # the client is gone already
            self.socket.shutdown(socket.SHUT_WR)
