"""The address rules for libraries that open their sockets themselves: judged at connect, after DNS.

Python tells an audit hook of every connect before it happens, and a hook that raises prevents it. A hook can never be
removed: ours does nothing in a thread that has no guard.
"""

import errno
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from typing import Any

from common.http import Network
from common.http.addresses import is_permitted

CONNECTS = frozenset({"socket.connect", "socket.sendto"})

_thread = threading.local()


class Guard:
    """`refused` names the last address that was; a library may swallow the exception."""

    def __init__(self, allowed: tuple[Network, ...]) -> None:
        self.allowed = allowed
        self.refused = ""

    def check(self, address: Any) -> None:
        """Raises PermissionError, also for what is no number: a socket file, or a name not yet looked up.

        An OSError, so that libraries close the socket as after any connect that failed.
        """
        host = address[0] if isinstance(address, tuple) else str(address)
        if not self._is_permitted(str(host)):
            self.refused = str(host)
            raise PermissionError(errno.EACCES, f"{host} is not a public address")

    def _is_permitted(self, host: str) -> bool:
        try:
            return is_permitted(ip_address(host), self.allowed)
        except ValueError:
            return False


@contextmanager
def guarded_connects(allowed: tuple[Network, ...]) -> Iterator[Guard]:
    """Within, this thread connects to permitted addresses only."""
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
