"""The script's TCP connections, which the host makes: it resolves, judges and connects, and hands over the socket.

The standard library is patched where every other library comes through: `socket.connect`, the look-up of names, and
asyncio's `sock_connect`, which must not hold up its loop. A script that goes past these patches only loses its network:
what holds it are the filter and the host.
"""

from __future__ import annotations

import errno
import functools
import importlib.abc
import importlib.machinery
import itertools
import json
import operator
import os
import socket
import sys
import threading
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from ipaddress import ip_address
from queue import SimpleQueue
from typing import Any

from sandbox.guest.receiver import Receiver

_PACKET = 65536
_MAX_DESCRIPTORS = 1024
_MAX_HOST = 253  # characters (RFC 1035)
_FAMILIES = (socket.AF_INET, socket.AF_INET6)
_PROTOCOLS = {socket.SOCK_STREAM: socket.IPPROTO_TCP, socket.SOCK_DGRAM: socket.IPPROTO_UDP}
_SERVICES = {"http": 80, "https": 443}
_KEPT_OPTIONS = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
)
_OFF = "A script has no network of its own here (SCRIPT_NETWORK is off): use http_get(), http_post() and the like."

_real_connect = socket.socket.connect
_real_close = socket.socket._real_close  # type: ignore[attr-defined]  # noqa: SLF001  # after makefile's last use
_real_getaddrinfo = socket.getaddrinfo
_channel: _Channel | None = None
_Replies = SimpleQueue[tuple[dict[str, Any], socket.socket | None]]


class _Channel:
    """The connection to the host's network: one packet for each request, and one for its reply, in any order."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Replies] = {}
        self._receiver = Receiver(self._receive_replies)
        self._handed_over: dict[int, int] = {}
        # Held while a connection changes its descriptor, and while all descriptors are looked at.
        self.moving = threading.RLock()

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], socket.socket | None]:
        """Return the host's reply and the socket that came with it. Raises the OSError that the host reports."""
        number = next(self._numbers)
        replies: _Replies = SimpleQueue()
        self._waiting[number] = replies
        try:
            self._receiver.start()
            self._connection.send(json.dumps({"id": number, **request}).encode())
            reply, dialled = replies.get()
        finally:
            self._waiting.pop(number, None)
        if error := reply.get("error"):
            raise _error(**error)
        return reply, dialled

    def _receive_replies(self) -> None:
        while self._receive_reply():
            pass

    def _receive_reply(self) -> bool:
        data, fds, flags, _ = socket.recv_fds(self._connection, _PACKET, 1)
        if not data:
            return False
        reply = json.loads(data)
        # As an object, so that it is closed where nobody waits for it any more, of which the host must learn as well.
        dialled = socket.socket(fileno=fds[0]) if fds else None
        if dialled is not None:
            self._handed_over[os.fstat(dialled.fileno()).st_ino] = reply["id"]
        elif flags & socket.MSG_CTRUNC:  # no descriptor was free for it
            self._tell_closed(reply["id"])
        if replies := self._waiting.get(reply["id"]):
            replies.put((reply, dialled))
        return True

    def report_closed(self) -> None:
        """Tell the host which connections no descriptor leads to any more: it has to let go of them, too."""
        if not self._handed_over:
            return
        with self.moving:
            # Before the look at what is open: others may be added meanwhile.
            known = list(self._handed_over.items())
            left = set(_open_files())
        for inode, number in known:
            if inode not in left and self._handed_over.pop(inode, 0):
                self._tell_closed(number)

    def _tell_closed(self, number: int) -> None:
        self._connection.send(json.dumps({"closed": number}).encode())


def install() -> None:
    """Patch the standard library, once for all scripts of a zygote."""
    methods = {"connect": _connect, "connect_ex": _connect_ex, "_real_close": _close}
    functions = {
        "getaddrinfo": _getaddrinfo,
        "gethostbyname": lambda name: _addresses_of(name, socket.AF_INET)[0],
        "gethostbyname_ex": lambda name: (name, [], _addresses_of(name, socket.AF_INET)),
    }
    for where, patches in ((socket.socket, methods), (socket, functions)):
        for name, patch in patches.items():
            setattr(where, name, patch)
    sys.meta_path.insert(0, _AsyncioPatcher())


def use(connection: socket.socket | None) -> None:
    """Ask the host at the other end for this process's connections; None: there is no network."""
    global _channel  # noqa: PLW0603  # patched methods have no other place for it
    _channel = _Channel(connection) if connection else None


def _host() -> _Channel:
    if _channel is None:
        raise PermissionError(errno.EACCES, _OFF)
    return _channel


def _connect(self: socket.socket, address: Any) -> None:
    if self.family not in _FAMILIES:
        _real_connect(self, address)
        return
    _replace(self, _dial(self, address))


def _connect_ex(self: socket.socket, address: Any) -> int:
    try:
        self.connect(address)
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _dial(sock: socket.socket, address: Any) -> socket.socket:
    host, port = _text(address[0]), operator.index(address[1])
    if not 0 <= port <= 0xFFFF:
        raise OverflowError("connect(): port must be 0-65535.")
    request = {"op": "dial", "host": _name(host), "port": port, "seconds": sock.gettimeout()}
    _host().report_closed()
    _, dialled = _host().ask(request)
    if dialled is None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    return dialled


def _replace(sock: socket.socket, dialled: socket.socket) -> None:
    """Put the connection in the place of the script's own socket, whose options it takes over."""
    with _host().moving, dialled:
        for level, name in _KEPT_OPTIONS:
            if value := sock.getsockopt(level, name):
                dialled.setsockopt(level, name, value)
        os.set_blocking(dialled.fileno(), sock.gettimeout() is None)
        os.dup2(dialled.fileno(), sock.fileno(), inheritable=False)


def _close(self: socket.socket, *args: Any) -> None:
    _real_close(self, *args)
    if _channel is not None:
        _channel.report_closed()


def _open_files() -> Iterator[int]:
    for fd in range(3, min(os.sysconf("SC_OPEN_MAX"), _MAX_DESCRIPTORS)):
        with suppress(OSError):
            yield os.fstat(fd).st_ino


def _getaddrinfo(
    host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
) -> list[Any]:
    if host is None or _is_literal(host):
        return _real_getaddrinfo(host, port, family, type, proto, flags)
    kinds = [kind for kind in _PROTOCOLS if type == kind or (not type and kind == socket.SOCK_STREAM)]
    return [
        (
            _family_of(address),
            socket.SocketKind(kind),
            int(_PROTOCOLS[kind]),
            "",
            _with_port(address, _port(port)),
        )
        for address in _addresses_of(host, family)
        for kind in kinds
    ]


def _addresses_of(host: Any, family: int) -> list[str]:
    """Return the addresses that the host finds for a name. Raises PermissionError where one of them is refused."""
    if _is_literal(host):
        return [_text(host)]
    reply, _ = _host().ask({"op": "resolve", "host": _name(_text(host))})
    found: list[str] = [address for address in reply["addresses"] if family in (0, _family_of(address))]
    if not found:
        raise socket.gaierror(socket.EAI_NODATA, "No address associated with hostname")
    return found


def _text(host: str | bytes) -> str:
    text = host.decode("ascii") if isinstance(host, bytes) else str(host)
    return text if text.isascii() else text.encode("idna").decode()


def _name(host: str) -> str:
    if len(host) > _MAX_HOST:
        raise socket.gaierror(socket.EAI_NONAME, "The name of the host is too long.")
    return host


def _is_literal(host: Any) -> bool:
    try:
        return bool(ip_address(_text(host).partition("%")[0]))
    except ValueError:
        return False


def _family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _with_port(address: str, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
    return (address, port, 0, 0) if ":" in address else (address, port)


def _port(port: Any) -> int:
    try:
        return int(_SERVICES.get(port, port) or 0)
    except ValueError:
        raise socket.gaierror(socket.EAI_SERVICE, "Servname not supported for ai_socktype") from None


def _error(kind: str, number: int, message: str) -> OSError:
    return socket.gaierror(number, message) if kind == "name" else OSError(number, message)


class _AsyncioPatcher(importlib.abc.MetaPathFinder):
    """Patches asyncio when a script imports it: few do, and loading it for all would cost each of them."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != "asyncio.selector_events":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module
            spec.loader.exec_module = functools.partial(_load_patched, load)  # type: ignore[method-assign]
        return spec


def _load_patched(load: Callable[[types.ModuleType], None], module: types.ModuleType) -> None:
    load(module)
    own = module.BaseSelectorEventLoop.sock_connect

    async def sock_connect(self: Any, sock: socket.socket, address: Any) -> None:
        if sock.family not in _FAMILIES:
            await own(self, sock, address)
            return
        # In the loop's thread again: only there may the socket's number not have gone to another one meanwhile.
        _replace(sock, await self.run_in_executor(None, _dial, sock, address))

    module.BaseSelectorEventLoop.sock_connect = sock_connect
