"""Finds out whether an address can be listened on."""

from __future__ import annotations

import errno
import socket

from platform_site.config.addresses import host_and_port
from platform_site.config.env import SettingError


def check_free(variable: str, host: str, port: int) -> None:
    """Raise SettingError where the address can't be listened on; it names the variable that can cure it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise SettingError("PLATFORM_HOST", f"{host!r} is not an address of this machine ({error})") from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            name = "PLATFORM_HOST" if error.errno == errno.EADDRNOTAVAIL else variable
            raise SettingError(
                name, f"can't listen on {host_and_port(host, port)}: {error.strerror}"
            ) from None


def free_port() -> int:
    """Return a loopback port that nobody uses now; somebody else may take it before we do."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
