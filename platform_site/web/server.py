"""All connections of the web process, in one thread: looked at each second, held within bounds, ended gracefully."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from waitress import wasyncore
from waitress.server import TcpWSGIServer

from platform_site.config.addresses import host_and_port
from platform_site.config.env import SettingError
from platform_site.web.channel import NO_ROOM, Channel, Phase

logger = logging.getLogger(__name__)
HEADER_BYTES = 32 << 10
BODIES_BYTES = 64 << 20  # of all requests together, those that wait for a thread included
ENDING_SECONDS = 8.0


class Server(TcpWSGIServer):
    channel_class = Channel
    accepting: bool
    ends_at: float | None = None

    @property
    def channels(self) -> list[Channel]:
        return list(self.active_channels.values())

    def maintenance(self, now: float) -> None:
        for channel in self.channels:
            channel.look(time.monotonic())

    def handle_accept(self) -> None:
        super().handle_accept()
        while len(self.active_channels) > settings.WEB_CONNECTIONS and (slowest := self._slowest()):
            slowest.handle_close()

    def make_room_for_bodies(self) -> None:
        while sum(channel.held_bytes for channel in self.channels) > BODIES_BYTES:
            slowest = self._slowest(lambda channel: channel.phase is Phase.BODY)
            if slowest is None:
                return
            slowest.refuse(NO_ROOM)

    def _slowest(self, counts: Callable[[Channel], bool] = lambda channel: True) -> Channel | None:
        """Return the connection that has been in its phase for longest, None where there is none.

        One that Django works on does not count: that is not its client's fault.
        """
        found = (c for c in self.channels if c.phase is not Phase.SERVING and counts(c))
        return min(found, key=lambda channel: channel.since, default=None)

    def run(self) -> None:
        while not self._has_ended():
            try:
                wasyncore.loop(self.adj.asyncore_loop_timeout, use_poll=True, map=self._map, count=1)
            except MemoryError:  # from RLIMIT_AS: the thread that uses it all gets one, too
                logger.error("The server has no memory left at the moment (WEB_MEMORY_MB).")

    def end(self) -> None:
        """End, from a signal handler: accept no more connections, and answer what is being served within 8 s."""
        if self.ends_at is None:
            self.ends_at = time.monotonic() + ENDING_SECONDS
            self.pull_trigger()

    def _has_ended(self) -> bool:
        if self.ends_at is None:
            return False
        self._stop_accepting()
        busy = [c for c in self.channels if c.phase in (Phase.SERVING, Phase.SENDING)]
        return not busy or time.monotonic() > self.ends_at

    def _stop_accepting(self) -> None:
        if self.accepting:
            self.accepting = False
            self.del_channel()
            self.socket.close()


def listening(host: str, port: int) -> socket.socket:
    """Return a listening socket, on every address of both families where `host` is ::. Raises SettingError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        is_ipv6 = family == socket.AF_INET6
        return socket.create_server(address[:2], family=family, backlog=1024, dualstack_ipv6=is_ipv6)
    except OSError as error:
        raise SettingError(
            "PLATFORM_PORT", f"can't listen on {host_and_port(host, port)}: {error.strerror}"
        ) from None


def server(application: Any, sock: socket.socket, threads: int) -> Server:
    return Server(
        application,
        _sock=sock,
        sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
        bind_socket=False,
        sockets=[sock],
        threads=threads,
        ident=None,
        asyncore_use_poll=True,
        cleanup_interval=1,
        connection_limit=2 * settings.WEB_CONNECTIONS,  # for when even the slowest is being served
        recv_bytes=64 << 10,
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1,
        inbuf_overflow=settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1,  # no files: BODIES_BYTES bounds the memory
        clear_untrusted_proxy_headers=False,  # BEHIND_PROXY says whether they are believed
        log_socket_errors=False,
    )
