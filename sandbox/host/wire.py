"""The host's end of one script's connection.

Sending never blocks: the script may read nothing, and be in the middle of sending itself. What can't be sent yet waits
here. Only when much waits, or many replies are still being made, is the script no longer listened to. An honest script
receives on a thread of its own at all times (`guest/link.py`), so the two never wait for each other; one that receives
nothing waits for its time limit.
"""

from __future__ import annotations

import os
import select
import socket
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue

_CHUNK = 262144
_GONE = select.POLLHUP | select.POLLERR


class Wire:
    """The connection. Only `post` may be called by other threads. A context manager.

    `make_room` waits for less than `max_waiting` bytes to be sent and `max_expected` frames to be posted.
    """

    def __init__(self, connection: socket.socket, max_waiting: int, max_expected: int) -> None:
        connection.setblocking(False)
        # Out-of-band bytes are received in line, where they are just junk in a frame.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        self._connection = connection
        self._max_waiting, self._max_expected = max_waiting, max_expected
        self._outgoing: deque[memoryview] = deque()
        self._waiting = self._expected = 0
        self._posted: SimpleQueue[bytes] = SimpleQueue()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poller = select.poll()
        self._poller.register(self._bell, select.POLLIN)
        self._beside: tuple[int, Callable[[], bool]] = (-1, lambda: False)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._bell)

    def look_after(self, fd: int, take: Callable[[], bool]) -> None:
        """Call `take` whenever something can be received there, as long as that returns True."""
        self._beside = (fd, take)
        self._poller.register(fd, select.POLLIN)

    def send(self, frame: bytes) -> None:
        """Send as much of a frame as can be sent now, the rest while `receive` waits."""
        self._outgoing.append(memoryview(frame))
        self._waiting += len(frame)
        self._send_some()

    def expect_post(self) -> None:
        self._expected += 1

    def post(self, frame: bytes) -> None:
        """Queue a frame that is expected, for the thread that receives to send it."""
        self._posted.put(frame)
        os.eventfd_write(self._bell, 1)

    def receive(self) -> bytes:
        """Wait for bytes and return them; b"" at the end of the connection.

        Nothing limits the wait here: the watch kills a script that takes too long, which closes the connection.
        """
        while True:
            if self._step(select.POLLIN) & ~select.POLLOUT:
                try:
                    return self._connection.recv(_CHUNK)
                except BlockingIOError:
                    continue
                except ConnectionError:
                    return b""

    def make_room(self) -> None:
        """Wait while more than `max_waiting` bytes or `max_expected` frames wait for a guest that is still there."""
        while self._waiting > self._max_waiting or self._expected >= self._max_expected:
            if self._step(0) & _GONE:
                return

    def _step(self, events: int) -> int:
        """Wait for one of the events, or until something can be sent, and send it. Return the connection's events."""
        self._poller.register(self._connection, events | select.POLLOUT if self._outgoing else events)
        ready = dict(self._poller.poll())
        if self._bell in ready:
            self._collect_posted()
        fd, take = self._beside
        if fd in ready and not take():
            self._poller.unregister(fd)
        self._send_some()
        return ready.get(self._connection.fileno(), 0)

    def _collect_posted(self) -> None:
        os.eventfd_read(self._bell)
        try:
            while True:
                self.send(self._posted.get_nowait())
                self._expected -= 1
        except Empty:
            return

    def _send_some(self) -> None:
        try:
            while self._outgoing:
                sent = self._connection.send(self._outgoing[0])
                self._waiting -= sent
                if sent == len(self._outgoing[0]):
                    self._outgoing.popleft()
                else:
                    self._outgoing[0] = self._outgoing[0][sent:]
        except BlockingIOError:
            return
        except ConnectionError:  # nobody reads any more; what was said before can still be received
            self._outgoing.clear()
            self._waiting = 0
