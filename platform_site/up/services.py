"""What `up` runs."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """`given` goes to its standard input, `env` on top of ours: neither shows in `ps`, as arguments do.

    Lines that hold what `unsaid` finds are kept for its obituary only.
    """

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    given: str = ""
    ends_last: bool = False
    unsaid: re.Pattern[str] | None = None


def services(host: str, flower_port: int, slots: Mapping[str, int], flower_login: str) -> list[Service]:
    """`slots` by queue. Messages have a process of their own: neither the threads nor the time that the runs of an io
    worker use up keep a message or an alert waiting.
    """
    return [
        Service("web", [sys.executable, "-m", "platform_site.web"]),
        Service("beat", [sys.executable, "-m", "platform_site.beat"]),
        Service("io", _worker("io", "threads", slots["io"]), WORKER),
        Service("notify", _worker("notify", "threads", slots["notify"]), WORKER),
        Service("script", _worker("script", "prefork", slots["script"]), WORKER),
        Service("flower", _celery("flower"), _flower(host, flower_port, flower_login)),
    ]


# A SIGTERM that goes to everybody, as systemd's, is for the main process: a prefork pool's own don't hear it.
# Who is root is told once, by `up`.
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
        *("--without-mingle", "--without-gossip"),  # a second less to wait; nobody uses what they bring
    )


def _flower(host: str, port: int, login: str) -> dict[str, str]:
    """Flower keeps its state in memory: nothing is left on disk."""
    return {
        "FLOWER_ADDRESS": host,
        "FLOWER_PORT": str(port),
        "FLOWER_BASIC_AUTH": login,
        "FLOWER_PERSISTENT": "false",
    }
