"""Finds out whether services answer, over loopback and never through a proxy that the environment names."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterable, Sequence

from platform_site.up.plan import Probe

REDIS_SECONDS = 2


def missing(probes: Iterable[Probe]) -> str:
    """Return what does not answer yet, "" when everything does."""
    return next(filter(None, map(_why_not, probes)), "")


def _why_not(probe: Probe) -> str:
    connection = http.client.HTTPConnection(probe.host, probe.port, timeout=5)
    try:
        token = {"Authorization": f"Bearer {probe.token}"} if probe.token else {}
        connection.request("GET", probe.path, headers={"Host": "localhost"} | token)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"{probe.name}: {error}"
    finally:
        connection.close()
    return "" if answer.status == 200 else f"{probe.name}: {_reasons(body) or answer.status}"


def _reasons(body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
    except (ValueError, KeyError, TypeError):
        return ""
    return ", ".join(f"{name}: {why}" for name, why in checks.items() if why != "ok")


def why_redis_disobeys(port: int, commands: Sequence[str]) -> str:
    """Send commands to the Redis at a loopback port, each a line; return why one was not obeyed, "" if all were."""
    try:
        with socket.create_connection(("127.0.0.1", port), REDIS_SECONDS) as connection:
            answers = connection.makefile("rb")
            for command in commands:
                connection.sendall(f"{command}\r\n".encode())
                if not (answer := answers.readline()) or answer.startswith(b"-"):
                    return f"redis: {answer.decode(errors='replace').strip() or 'it hung up'}"
    except OSError as error:
        return f"redis: {error}"
    return ""
