"""The platform's processes while they are measured, and what they use."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from platform_site.up.services import services
from testing import processes

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Processes(processes.Processes):
    """Beats, workers and other processes that a measure starts, on this process's database and Redis."""

    def __init__(self, **environ: str) -> None:
        super().__init__()
        self.environ |= environ

    def __enter__(self) -> Processes:
        return self

    def beat(self) -> subprocess.Popen[bytes]:
        return self.service("beat")

    def web(self, port: int) -> subprocess.Popen[bytes]:
        self.environ["PLATFORM_PORT"] = str(port)
        return self.service("web")

    def service(self, name: str) -> subprocess.Popen[bytes]:
        """Start one of the services of `manage.py up`, by the same command."""
        commands = {service.name: service.command for service in services("127.0.0.1", 0, "")}
        return self.start(*commands[name])

    def celery(self, *arguments: str) -> subprocess.Popen[bytes]:
        return self._celery(*arguments)

    def prefork(self, app: str, slots: int, queue: str) -> subprocess.Popen[bytes]:
        """Start a prefork worker of `app`, which may be another application than the platform's."""
        worker = ("worker", "--pool", "prefork", "--concurrency", str(slots), "--queues", queue)
        name = ("--hostname", f"{app}@%h", "--without-mingle", "--without-gossip")
        command = (sys.executable, "-m", "celery", "-A", app, "--quiet", "--skip-checks")
        return self.start(*command, *worker, *name)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, cwd=processes.ROOT, env=self.environ, start_new_session=True)
        self.stack.callback(self.kill, process)
        return process


@dataclass(frozen=True)
class Usage:
    """What one process has used, without its children."""

    cpu_seconds: float
    rss_mb: float
    peak_rss_mb: float
    threads: int


def usage(pid: int) -> Usage:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
    )
    # The name in parentheses may hold any characters; after it come state and 10 more fields, then utime and stime.
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return Usage(
        cpu_seconds=(int(user) + int(system)) / TICKS_A_SECOND,
        rss_mb=_mb(status["VmRSS"]),
        peak_rss_mb=_mb(status["VmHWM"]),
        threads=int(status["Threads"]),
    )


def _mb(kilobytes: str) -> float:
    return round(int(kilobytes.split(maxsplit=1)[0]) / 1024, 1)
