"""Plain TCP connections behind the same guard, for whoever speaks its own protocol over them."""

import errno
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

from .call import Call, CancelSwitch
from .dial import Dialer, Resolver, system_resolver, system_tls
from .errors import AddressRefusedError, CanceledError, ConnectFailedError, HttpError, PortRefusedError
from .policy import Policy
from .urls import Target, parse_host

# A DNS answer may hold thousands of addresses, and a script may ask for thousands of names: all are remembered.
_MAX_ADDRESSES = 32
# Behind a proxy the local DNS may know no outside name. Such a name gets an address here, which nobody has.
_STAND_INS = int(IPv4Address("240.0.0.1"))


class Connections:
    """Resolves names and connects, from any thread, as long as `switch` is not thrown.

    Raises PermissionError, which names the setting, for what may not be reached; `socket.gaierror` for a name that
    can't be found; other OSErrors for the rest. `seconds_left` is asked before each wait.
    """

    def __init__(
        self,
        policy: Policy,
        switch: CancelSwitch,
        seconds_left: Callable[[], float],
        *,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._dialer = Dialer(policy, resolver, tls or system_tls())
        self._switch, self._seconds_left = switch, seconds_left
        self._names: dict[str, str] = {}
        self._stand_ins = map(str, map(IPv4Address, itertools.count(_STAND_INS)))
        self._lock = threading.Lock()

    def resolve(self, host: str, seconds: float) -> list[str]:
        """Return the first addresses of a name, all of which may be reached."""
        with _as_os_errors(socket.gaierror(socket.EAI_NONAME, "")):
            try:
                found = self._dialer.resolve(_target(host, 0), self._call(seconds))
                addresses = [str(address) for address in found[:_MAX_ADDRESSES]]
            except ConnectFailedError:
                if self._dialer.proxy is None:
                    raise
                addresses = [next(self._stand_ins)]
        with self._lock:
            self._names.update(dict.fromkeys(addresses, host))
        return addresses

    def dial(self, host: str, port: int, seconds: float) -> socket.socket:
        """Return a connection to a name or an address; through a proxy by the name that the address was found for."""
        if self._dialer.proxy is not None:
            with self._lock:
                host = self._names.get(host, host)
        with _as_os_errors(OSError(errno.EHOSTUNREACH, "")):
            connection = self._dialer.dial(_target(host, port), self._call(seconds))
        return socket.socket(fileno=connection.detach())

    def _call(self, seconds: float) -> Call:
        within = min(seconds, max(self._seconds_left(), 0.001))
        return Call(within, within, self._switch)


def _target(host: str, port: int) -> Target:
    name = host.lower()
    return Target("tcp", name, port, "", parse_host(name))


@contextmanager
def _as_os_errors(usual: OSError) -> Iterator[None]:
    """Raise errors as the ones that a socket raises; as `usual` where the operating system has named none."""
    try:
        yield
    except AddressRefusedError as error:
        setting = "SCRIPT_PORTS" if isinstance(error, PortRefusedError) else "OUTBOUND_ALLOWED_NETWORKS"
        raise PermissionError(errno.EACCES, f"{error}; the operator can open it ({setting}).") from error
    except CanceledError as error:
        raise OSError(errno.ECANCELED, "The run is over.") from error
    except HttpError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and not isinstance(cause, socket.gaierror):
            raise OSError(cause.errno or errno.ETIMEDOUT, str(error)) from error
        raise type(usual)(usual.errno, str(error)) from error
