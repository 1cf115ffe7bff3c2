"""A script's network: names are resolved and connections made here, and the connected sockets handed to the script.

The script asks by one packet for each name and each connection. Everything that comes in is hostile until checked, and
nothing here waits for the script. The host keeps a handle of each connection: it counts the bytes, and shuts it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import socket
import struct
import termios
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from sandbox.host.calls import Calls
from sandbox.host.output import safe_text
from sandbox.host.result import Verdict
from sandbox.protocol import ProtocolError

_PACKET = 4096
_MAX_HOST = 253  # characters of a name (RFC 1035)
_MAX_SECONDS = 30.0  # for one connection; the script's own limit may be shorter
_MAX_WAITING = 64  # requests under way: the socket takes no more packets, so an honest guest has fewer
_MAX_SHOWN = 8  # targets, and refused ones, that the log names
_COUNT = struct.Struct("i")
_BYTES = struct.Struct("120xQQ")  # of tcp_info (linux/tcp.h): bytes acked, bytes received


class Guard(Protocol):
    """What finds addresses and connects, for one run, from any thread.

    Raises PermissionError in words for what may not be reached; `socket.gaierror` or another OSError for what can't be.
    """

    def resolve(self, host: str, seconds: float) -> list[str]:
        """Return the addresses of a name, all of which may be reached."""

    def dial(self, host: str, port: int, seconds: float) -> socket.socket:
        """Return a connection to a name or an address that may be reached."""


@dataclass(frozen=True)
class NetworkLimits:
    at_once: int = 128
    dials: int = 1000
    requests: int = 10_000  # of any kind
    megabytes: int = 200


@dataclass(frozen=True)
class NetworkAccess:
    """What a run may reach, and how much of it."""

    guard: Guard
    limits: NetworkLimits = field(default_factory=NetworkLimits)


class _Request(NamedTuple):
    number: int
    op: str
    host: str
    port: int
    seconds: float


@dataclass
class _Account:
    """What the run's log says in the end. `moved` are the bytes of the connections that are closed: out, in."""

    dialled: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    moved: tuple[int, int] = (0, 0)

    def lines(self) -> list[str]:
        lines = [f"network: {text}" for text in self.refused.values()]
        if self.dialled:
            shown = [f"{target} ×{times}" for target, times in self.dialled.most_common(_MAX_SHOWN)]
            if (more := len(self.dialled) - len(shown)) > 0:
                shown.append(f"{more} more")
            out, received = self.moved
            lines.append(f"network: {', '.join(shown)}, {_size(received)} in, {_size(out)} out")
        return lines


class Network:
    """The network of one run. Its requests are taken by the thread that attends to the script; others do the work.

    A context manager: leaving it ends all connections for good. `interrupt` ends the waits of the guard.
    """

    def __init__(self, channel: socket.socket, access: NetworkAccess, interrupt: Callable[[], None]) -> None:
        channel.setblocking(False)
        self.channel = channel
        self._guard, self._limits = access.guard, access.limits
        self._work = Calls(interrupt)
        self._lock = threading.Lock()
        self._open: dict[int, socket.socket] = {}
        self._account = _Account()
        self._requests = self._dials = 0
        self._under_way: Counter[str] = Counter()
        self._is_over = False

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over = True
        for number in list(self._open):
            self._let_go(number)
        self._work.__exit__()
        self.channel.close()

    def lines(self) -> list[str]:
        """Return what the run's log is to say, once the run is over."""
        return self._account.lines()

    def verdict(self) -> Verdict | None:
        """Return why the script must end, None if it need not. Any thread may ask."""
        with self._lock:
            counts = [self._account.moved, *map(_moved, self._open.values())]
        if sum(map(sum, counts)) > self._limits.megabytes << 20:
            return Verdict(
                "call_limit", f"The script moved more than {self._limits.megabytes} MiB over the network."
            )
        if self._requests > self._limits.requests:
            return Verdict("call_limit", "The script asked for names and connections without end.")
        return None

    def take(self) -> bool:
        """Take one packet. Return False if there will be no further one. Raises ProtocolError."""
        try:
            data = self.channel.recv(_PACKET)
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        if data:
            self._requests += 1
            self._attend(_read(data))
        return bool(data) and self._requests <= self._limits.requests

    def _attend(self, request: _Request | int) -> None:
        if isinstance(request, int):
            self._let_go(request)
            return
        with self._lock:
            refused = self._why_not(request)
            self._under_way[request.op] += refused is None
        if refused:
            self._reply(request, _failure(refused))
        else:
            self._work.begin(lambda: self._answer(request))

    def _why_not(self, request: _Request) -> OSError | None:
        limits, is_dial = self._limits, request.op == "dial"
        self._dials += is_dial
        if not _is_host(request.host):
            return socket.gaierror(socket.EAI_NONAME, "This is not the name of a host.")
        if self._under_way.total() >= _MAX_WAITING:
            return OSError(errno.EAGAIN, f"More than {_MAX_WAITING} connections are being made.")
        if is_dial and len(self._open) + self._under_way["dial"] >= limits.at_once:
            return OSError(errno.EMFILE, f"More than {limits.at_once} connections at a time.")
        if self._dials > limits.dials:
            return OSError(errno.EMFILE, f"More than {limits.dials} connections in one run.")
        return None

    def _answer(self, request: _Request) -> None:
        reply, dialled = self._do(request)
        with self._lock:
            self._under_way[request.op] -= 1  # before the script learns of it, for it may ask again at once
            if dialled is None or self._keep(request, dialled):
                self._reply(request, reply, dialled)

    def _do(self, request: _Request) -> tuple[dict[str, Any], socket.socket | None]:
        try:
            if request.op == "resolve":
                return {"addresses": self._resolve(request)}, None
            return {}, self._guard.dial(request.host, request.port, request.seconds)
        except Exception as error:  # noqa: BLE001  # whatever it is, the script waits for an answer
            if isinstance(error, PermissionError):
                self._note_refusal(request, error)
            return _failure(error), None

    def _resolve(self, request: _Request) -> list[str]:
        addresses = self._guard.resolve(request.host, request.seconds)
        with self._lock:
            self._account.names.update(dict.fromkeys(addresses, request.host))
        return addresses

    def _keep(self, request: _Request, dialled: socket.socket) -> bool:
        """Keep a handle of the connection. Return False, and close it, if nobody waits for it any more."""
        if self._is_over or request.number in self._open:
            dialled.close()
            return False
        self._open[request.number] = dialled
        self._account.dialled[self._target(request)] += 1
        return True

    def _reply(self, request: _Request, reply: dict[str, Any], dialled: socket.socket | None = None) -> None:
        """Send a reply. A guest that reads none loses it: nobody waits for it."""
        with suppress(OSError):
            fds = [dialled.fileno()] if dialled else []
            socket.send_fds(self.channel, [json.dumps({"id": request.number, **reply}).encode()], fds)

    def _let_go(self, number: int) -> None:
        with self._lock:
            if (connection := self._open.pop(number, None)) is None:
                return
            moved = _moved(connection)
            self._account.moved = (self._account.moved[0] + moved[0], self._account.moved[1] + moved[1])
        with suppress(OSError):  # a copy of the descriptor in the script is then of no use any more
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    def _target(self, request: _Request) -> str:
        name = self._account.names.get(request.host, request.host)
        return f"[{name}]:{request.port}" if ":" in name else f"{name}:{request.port}"

    def _note_refusal(self, request: _Request, error: OSError) -> None:
        with self._lock:
            if len(self._account.refused) < _MAX_SHOWN:
                self._account.refused[request.host] = safe_text(error.strerror or str(error))


def _read(data: bytes) -> _Request | int:
    """Return the request, or the number of the connection that the script has closed. Raises ProtocolError."""
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("a request of the network that is not JSON") from error
    match message:
        case {"closed": int(number)}:
            return number
        case {"id": int(number), "op": "resolve", "host": str(host)}:
            return _Request(number, "resolve", host, 0, _MAX_SECONDS)
        case {
            "id": int(number),
            "op": "dial",
            "host": str(host),
            "port": int(port),
            "seconds": None | int() | float() as seconds,
        } if 0 <= port <= 0xFFFF:
            return _Request(number, "dial", host, port, _wait(seconds))
    raise ProtocolError("a request of the network of no known kind")


def _is_host(host: str) -> bool:
    return 0 < len(host) <= _MAX_HOST and host.isprintable()


def _wait(seconds: float | None) -> float:
    return min(seconds, _MAX_SECONDS) if seconds and seconds > 0 else _MAX_SECONDS


def _failure(error: Exception) -> dict[str, Any]:
    kind = "name" if isinstance(error, socket.gaierror) else "other"
    number, message = errno.ETIMEDOUT if isinstance(error, TimeoutError) else errno.EIO, str(error)
    if isinstance(error, OSError):
        number, message = error.errno or number, error.strerror or message
    return {"error": {"kind": kind, "number": number, "message": message}}


def _moved(connection: socket.socket) -> tuple[int, int]:
    """Return how many bytes the other end has got, or will get though it is closed, and how many came from there."""
    with suppress(OSError):
        queued = fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(_COUNT.size))
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        if len(info) >= _BYTES.size:
            out, received = _BYTES.unpack_from(info)
            return out + _COUNT.unpack(queued)[0], received
    return 0, 0


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1e3:.0f} KB" if count < 1e6 else f"{count / 1e6:.1f} MB"
