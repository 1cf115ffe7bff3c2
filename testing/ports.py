"""Ports for servers that start a moment after their port was chosen."""

from __future__ import annotations

import random
import socket

# Below the range from which the kernel gives ports to outgoing connections, so that none takes a chosen one.
BELOW_EPHEMERAL = range(15_000, 32_000)
_random = random.SystemRandom()  # pytest-randomly seeds the shared generator alike in all processes


def free_port() -> int:
    while True:
        port = _random.choice(BELOW_EPHEMERAL)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
