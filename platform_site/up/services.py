"""The services that `up` runs."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """One service. `given` goes to its standard input, `env` on top of ours: neither shows in `ps`, as arguments do.

    Lines in which `unsaid` finds something are not printed, but kept for its obituary.
    """

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    given: str = ""
    ends_last: bool = False
    unsaid: re.Pattern[str] | None = None


def services(host: str, flower_port: int, slots: Mapping[str, int], flower_login: str) -> list[Service]:
    """Return every service. `slots` are given by queue.

    Messages have a process of their own: neither the threads nor the time that the runs of an io worker use up keep a
    message or an alert waiting.
    """
    return [
        Service("web", [sys.executable, "-m", "platform_site.web"]),
        Service("beat", [sys.executable, "-m", "platform_site.beat"]),
        Service("io", _worker("io", "threads", slots["io"]), WORKER),
        Service("notify", _worker("notify", "threads", slots["notify"]), WORKER),
        Service("script", _worker("script", "prefork", slots["script"]), WORKER),
        Service("flower", _celery("flower"), _flower(host, flower_port, flower_login)),
    ]


# A SIGTERM that goes to every process, as systemd's does, is for the main process: those of a prefork pool ignore it.
# `up` warns once about running as root, so Celery's warnings are left out.
WORKER = {
    "REMAP_SIGTERM": "SIGQUIT",
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
}


def _celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "celery_app", "--quiet", "--skip-checks", *arguments]


def _worker(queue: str, pool: str, slots: int) -> list[str]:
    return _celery(
        *(
            "worker",
            "--hostname",
            f"{queue}@%h",
            "--pool",
            pool,
            "--concurrency",
            str(slots),
            "--queues",
            queue,
        ),
        *("--without-mingle", "--without-gossip"),  # starts a second sooner; nobody uses what these do
    )


def _flower(host: str, port: int, login: str) -> dict[str, str]:
    """Return Flower's environment. It keeps its state in memory: nothing is left on disk."""
    return {
        "FLOWER_ADDRESS": host,
        "FLOWER_PORT": str(port),
        "FLOWER_BASIC_AUTH": login,
        "FLOWER_PERSISTENT": "false",
    }
