"""Beats, workers, web and Flower as processes that a test can kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).parents[1]


class Processes:
    """Use it in a with block, at whose end the processes that still live are killed.

    `app` names the Celery application. The processes write to the file `log`; if it is None, they share our own
    standard output and error.
    """

    def __init__(
        self, environ: Mapping[str, str] | None = None, app: str = "celery_app", log: Path | None = None
    ) -> None:
        self.stack = ExitStack()
        self.app = app
        self.log = None if log is None else self.stack.enter_context(log.open("ab"))
        self.environ = os.environ | {
            "DJANGO_SETTINGS_MODULE": "platform_site.config.settings",
            "DATABASE_URL": database_url(),
            "PYTHONDONTWRITEBYTECODE": "1",
            **(environ or {}),
        }

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

    def beat(self) -> subprocess.Popen[bytes]:
        return self._celery("beat")

    def worker(self, pool: str, slots: int, queues: str, *more: str) -> subprocess.Popen[bytes]:
        return self._celery(
            *("worker", "--pool", pool, "--concurrency", str(slots), "--queues", queues),
            *("--hostname", f"{queues}-{time.monotonic_ns()}@%h", "--without-mingle", "--without-gossip"),
            *more,
        )

    def web(self, port: int) -> subprocess.Popen[bytes]:
        return self._start("platform_site.web", PLATFORM_PORT=str(port))

    def flower(self) -> subprocess.Popen[bytes]:
        return self._start("platform_site.flower")

    def _celery(self, *arguments: str) -> subprocess.Popen[bytes]:
        return self._start("celery", "-A", self.app, "--quiet", "--skip-checks", *arguments)

    def _start(self, *module: str, **environ: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=self.environ | environ,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.stack.callback(self.kill, process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process and its children at once with SIGKILL, as if the machine lost power."""
        with suppress(ProcessLookupError):  # the whole group has ended; it may outlive its main process
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def database_url() -> str:
    """Return the URL of Django's database, which in tests is the one that pytest-django has created."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    login = f"{quote(settings['USER'], '')}:{quote(settings['PASSWORD'], '')}"
    return f"mysql://{login}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
