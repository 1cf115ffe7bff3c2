"""The services that `up` runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """One service. `given` goes to its standard input, `env` on top of ours: neither shows in `ps`, as arguments do.

    Lines in which `unsaid`, a regular expression, finds something are not printed, but kept for its obituary.
    """

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    given: str = ""
    ends_last: bool = False
    unsaid: str = ""


def services(host: str, flower_port: int, flower_login: str) -> list[Service]:
    """Return every service.

    Messages have a process of their own: neither the threads nor the time that the runs of an io worker use up keep a
    message or an alert waiting.
    """
    return [
        Service("web", _module("web")),
        Service("beat", _module("beat")),
        *(Service(queue, _module("worker", queue), WORKER) for queue in ("io", "notify", "script")),
        Service("flower", _module("flower"), _flower(host, flower_port, flower_login)),
    ]


# A SIGTERM that goes to every process, as systemd's does, is for the main process: those of a prefork pool ignore it.
# `up` warns once about running as root, so Celery's warnings are left out.
WORKER = {
    "REMAP_SIGTERM": "SIGQUIT",
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
}


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"platform_site.{name}", *arguments]


def _flower(host: str, port: int, login: str) -> dict[str, str]:
    """Return Flower's environment. It keeps its state in memory: nothing is left on disk."""
    return {
        "FLOWER_ADDRESS": host,
        "FLOWER_PORT": str(port),
        "FLOWER_BASIC_AUTH": login,
        "FLOWER_PERSISTENT": "false",
    }
