"""Beats and workers as processes of their own, on the test's database and Redis, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).parents[2]


class Processes:
    """Use it in a with block: what is still alive at its end is killed."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.environ = os.environ | {
            "DJANGO_SETTINGS_MODULE": "platform_site.settings",
            "DATABASE_URL": database_url(),
            "PYTHONDONTWRITEBYTECODE": "1",
            "REMAP_SIGTERM": "SIGQUIT",
        }

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

    def beat(self) -> subprocess.Popen[bytes]:
        return self._celery("beat")

    def worker(self, pool: str, slots: int, queues: str) -> subprocess.Popen[bytes]:
        return self._celery(
            *("worker", "--pool", pool, "--concurrency", str(slots), "--queues", queues),
            *("--hostname", f"{queues}-{time.monotonic_ns()}@%h", "--without-mingle", "--without-gossip"),
        )

    def _celery(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "celery_app", "--quiet", "--skip-checks", *arguments],
            cwd=ROOT,
            env=self.environ,
            start_new_session=True,
        )
        self.stack.callback(self.kill, process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 for the process and its children at once, as a machine that loses power."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def database_url() -> str:
    """Of the test database that pytest-django has made."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    login = f"{quote(settings['USER'], '')}:{quote(settings['PASSWORD'], '')}"
    return f"mysql://{login}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
