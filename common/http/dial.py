"""Connects to a target, by addresses that were judged first.

The name is resolved once and the connection goes to the very addresses that were judged: a DNS answer that
changes between check and connect changes nothing.
"""

import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from urllib.parse import unquote

import certifi

from common.networks import Opened

from .addresses import Address, is_permitted
from .call import Call, CancelSwitch, Countdown
from .errors import (
    AddressRefusedError,
    CanceledError,
    ConnectFailedError,
    DeadlineExceededError,
    HttpError,
    PortRefusedError,
    ReadTimeoutError,
)
from .policy import Policy
from .sockets import TimedSocket, TimedTlsSocket, shut
from .urls import Target, parse_proxy

Resolver = Callable[[str, int], Sequence[str]]

MAX_CONNECT_ANSWER = 16 * 1024


def system_resolver(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@cache
def system_tls() -> ssl.SSLContext:
    """Return a context that verifies by the system's certificates (or SSL_CERT_FILE's), or else by certifi's."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(certifi.where())
    context.sslsocket_class = TimedTlsSocket
    return context


class Dialer:
    def __init__(self, policy: Policy, resolver: Resolver, tls: ssl.SSLContext) -> None:
        self._policy = policy
        self._resolver = resolver
        self._tls = tls
        self.proxy = parse_proxy(policy.proxy_url) if policy.proxy_url else None

    def dial(self, target: Target, call: Call) -> TimedSocket:
        """Return a connected socket, for https with a verified certificate; for tcp as it is, which a proxy tunnels.

        Raises NotSentError or CanceledError, and no other HttpError.
        """
        within = Countdown(min(self._policy.connect_seconds, call.countdown.left()))
        try:
            sock = self._reach(target, call, within)
        except OSError as error:
            if call.switch.is_canceled:
                raise CanceledError("canceled") from error
            raise ConnectFailedError(f"{target.host}: {error.strerror or error}") from error
        sock.call = call
        return sock

    @property
    def proxy_headers(self) -> dict[str, str]:
        """The headers that the proxy itself is to read."""
        if self.proxy is None or self.proxy.userinfo is None:
            return {}
        credentials = b64encode(unquote(self.proxy.userinfo).encode()).decode()
        return {"Proxy-Authorization": f"Basic {credentials}"}

    def _reach(self, target: Target, call: Call, within: Countdown) -> TimedSocket:
        if self.proxy is None:
            sock = _connect(self._permitted(target, call, within), target.port, call, within)
        else:
            sock = self._through_proxy(self.proxy, target, call, within)
        if target.scheme != "https":
            return sock
        with _closing_on_failure(sock):
            return self._secure(sock, target, call, within)

    def resolve(self, target: Target, call: Call) -> list[Address]:
        """Return the target's addresses, all of which are open at some port. Raises as `dial`."""
        within = Countdown(min(self._policy.connect_seconds, call.countdown.left()))
        return self._permitted(replace(target, port=0), call, within)

    def _permitted(self, target: Target, call: Call, within: Countdown) -> list[Address]:
        """Return the target's addresses. Raises AddressRefusedError if any is private: an honest name has none.

        A port of 0 stands for any port.
        """
        addresses = _addresses(target, call, within, self._resolver)
        allowed, public_ports = self._policy.allowed_networks, self._policy.public_ports
        for address in addresses:
            if not is_permitted(address, target.port or None, allowed, public_ports):
                raise _refusal(target, address, allowed)
        return addresses

    def _refuse_port_of_unknown(self, target: Target) -> None:
        """Raise PortRefusedError for a port that is not open at public addresses: nothing says that it is another."""
        public_ports = self._policy.public_ports
        if public_ports is not None and target.port not in public_ports:
            raise PortRefusedError(_closed_port(target))

    def _through_proxy(self, proxy: Target, target: Target, call: Call, within: Countdown) -> TimedSocket:
        # Behind a proxy the local DNS may not know outside names, or not answer: the proxy then judges addresses alone.
        try:
            self._permitted(target, call, Countdown(within.left() / 2))
        except ConnectFailedError:
            self._refuse_port_of_unknown(target)
        if self._policy.proxy_is_trusted:
            addresses = _addresses(proxy, call, within, self._resolver)
        else:
            addresses = self._permitted(proxy, call, within)
        sock = _connect(addresses, proxy.port, call, within)
        if target.scheme != "http":
            with _closing_on_failure(sock):
                self._open_tunnel(sock, target, call, within)
        return sock

    def _open_tunnel(self, sock: TimedSocket, target: Target, call: Call, within: Countdown) -> None:
        host = f"[{target.host}]" if ":" in target.host else target.host
        lines = [f"CONNECT {host}:{target.port} HTTP/1.1", f"Host: {host}:{target.port}"]
        lines += [f"{name}: {value}" for name, value in self.proxy_headers.items()]
        sock.call = Call(within.left(), within.left(), call.switch)
        try:
            sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
            status_line = _read_head(sock).partition(b"\r\n")[0].decode("latin-1")
        except (DeadlineExceededError, ReadTimeoutError) as error:
            raise ConnectFailedError("the proxy did not answer in time") from error
        if status_line.split(" ")[1:2] != ["200"]:
            raise ConnectFailedError(f"the proxy refused: {status_line}")

    def _secure(self, sock: TimedSocket, target: Target, call: Call, within: Countdown) -> TimedSocket:
        secure = self._tls.wrap_socket(
            sock, server_hostname=target.host.rstrip("."), do_handshake_on_connect=False
        )
        assert isinstance(secure, TimedTlsSocket)
        with _closing_on_failure(secure):
            call.switch.arm(lambda: shut(secure))
            secure.settimeout(max(within.left(), 0.001))
            secure.do_handshake()
        return secure


def reach(
    host: str, port: int, seconds: float, switch: CancelSwitch, resolver: Resolver = system_resolver
) -> TimedSocket:
    """Return a plain connection to an address that the operator has named, be it public or private.

    `switch` ends the wait for DNS, too. It is left as it was armed last: arm it anew, or disarm it. Raises
    ConnectFailedError and CanceledError.
    """
    try:
        literal = ip_address(host)
    except ValueError:
        literal = None
    within = Countdown(seconds)
    call, target = Call(seconds, seconds, switch), Target("http", host, port, "/", literal)
    try:
        return _connect(_addresses(target, call, within, resolver), port, call, within)
    except OSError as error:
        if switch.is_canceled:
            raise CanceledError("canceled") from error
        raise ConnectFailedError(f"{host}: {error.strerror or error}") from error


def _refusal(target: Target, address: Address, allowed: Iterable[Opened]) -> AddressRefusedError:
    """Return why an address is refused, as an error whose type tells what would have to be opened."""
    if is_permitted(address, None, allowed):
        refused = PortRefusedError if is_permitted(address, None, ()) else AddressRefusedError
        return refused(_closed_port(target))
    if target.literal is not None:
        return AddressRefusedError(f"{target.host} is not a public address")
    return AddressRefusedError(f"{target.host} leads to {address}, which is not a public address")


def _addresses(target: Target, call: Call, within: Countdown, resolver: Resolver) -> list[Address]:
    if target.literal is not None:
        return [target.literal]
    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(target.host, target.port))
        except (OSError, ValueError) as error:  # UnicodeError: a label that IDNA can't take
            answers.put(error)
        finally:
            call.switch.lookups.release()

    # getaddrinfo takes no time limit and can't be interrupted: its caller can only stop waiting for it.
    call.switch.arm(lambda: answers.put(CanceledError("canceled")))
    if not call.switch.lookups.acquire(blocking=False):
        raise ConnectFailedError(f"{target.host}: too many names are being looked up")
    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=within.left())
    except Empty as error:
        raise ConnectFailedError(f"{target.host}: DNS did not answer in time") from error
    if isinstance(answer, HttpError):
        raise answer
    if isinstance(answer, Exception) or not answer:
        raise ConnectFailedError(f"{target.host}: the name could not be resolved ({answer})")
    return list(dict.fromkeys(ip_address(text) for text in answer))


def _closed_port(target: Target) -> str:
    return f"port {target.port} of {target.host} is not open to tasks"


def _connect(addresses: Sequence[Address], port: int, call: Call, within: Countdown) -> TimedSocket:
    """Connect to the first address that answers; each gets an equal share of the time left. Raises OSError."""
    failure: OSError = TimeoutError("timed out")
    for remaining, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        sock = TimedSocket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        try:
            with _closing_on_failure(sock):
                call.switch.arm(lambda sock=sock: shut(sock))  # type: ignore[misc]
                sock.settimeout(max(within.left() / remaining, 0.001))
                sock.connect((str(address), port))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
        except OSError as error:
            failure = error
    raise failure


def _read_head(sock: TimedSocket) -> bytes:
    """Read the head of the proxy's response byte by byte: what follows the blank line belongs to TLS."""
    head = bytearray()
    byte = bytearray(1)
    while not head.endswith(b"\r\n\r\n"):
        if len(head) > MAX_CONNECT_ANSWER or not sock.recv_into(byte):
            raise ConnectFailedError("the proxy did not answer with HTTP")
        head += byte
    return bytes(head)


@contextmanager
def _closing_on_failure(sock: socket.socket) -> Iterator[None]:
    try:
        yield
    except BaseException:
        sock.close()
        raise
