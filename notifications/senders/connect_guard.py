"""The address rules for libraries that open their sockets themselves, applied at connect, after DNS.

Python calls an audit hook before every connect, and a hook that raises prevents it. A hook can never be removed: ours
does nothing in a thread that has no guard.
"""

import errno
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from typing import Any

from common.http.addresses import is_permitted
from common.networks import Opened

CONNECTS = frozenset({"socket.connect", "socket.sendto"})

_thread = threading.local()


class Guard:
    """Refuses addresses. `refused` is the last one refused, "" for none: a library may swallow the exception."""

    def __init__(self, allowed: tuple[Opened, ...]) -> None:
        self.allowed = allowed
        self.refused = ""

    def check(self, address: Any) -> None:
        """Raise PermissionError for an address that is not permitted or not numeric.

        A socket file is not numeric, nor is a name that has not been looked up yet. PermissionError is an OSError, so
        that libraries close the socket as after any failed connect.
        """
        host, port = address[:2] if isinstance(address, tuple) else (str(address), 0)
        if not self._is_permitted(str(host), port):
            self.refused = str(host)
            raise PermissionError(errno.EACCES, f"{host} is not a public address")

    def _is_permitted(self, host: str, port: int) -> bool:
        try:
            return is_permitted(ip_address(host), port, self.allowed)
        except ValueError:
            return False


@contextmanager
def guarded_connects(allowed: tuple[Opened, ...]) -> Iterator[Guard]:
    """Let this thread connect only to permitted addresses within the block."""
    _install()
    _thread.guard = guard = Guard(allowed)
    try:
        yield guard
    finally:
        del _thread.guard


@cache
def _install() -> None:
    sys.addaudithook(_judge)


def _judge(event: str, args: tuple[Any, ...]) -> None:
    if event in CONNECTS and (guard := getattr(_thread, "guard", None)):
        guard.check(args[1])
