"""The whole platform as `make up` starts it, on free ports and a data dir of its own, and its REST API."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 90.0
T = TypeVar("T")


class Platform:
    """Use it in a with block; `environ` is set on top of ours."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        self.data_dir = data_dir
        self.port, self.flower_port = free_ports(2)
        self.base = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        kept = {k: v for k, v in os.environ.items() if k not in REPLACED}
        self.environ = kept | {
            "PLATFORM_DATA_DIR": str(data_dir),
            "PLATFORM_PORT": str(self.port),
            "PLATFORM_FLOWER_PORT": str(self.flower_port),
            "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
            "PYTHONDONTWRITEBYTECODE": "1",
            **environ,
        }
        self._open = build_opener(ProxyHandler({})).open

    def __enter__(self) -> Platform:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            eventually(self._is_ready)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, "\n".join(self.lines[-40:])
        return any(re.match("Ready: ", line) for line in self.lines)

    @property
    def token(self) -> str:
        return (self.data_dir / "api-token").read_text().strip()

    def call(self, method: str, path: str, body: Any = None, *, expected: int = 200) -> Any:
        """The decoded answer; fails where the status is another."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with self._open(request, timeout=30) as answer:
                status, content = answer.status, answer.read()
        except HTTPError as error:
            status, content = error.code, error.read()
        assert status == expected, f"{method} {path}: {status} {content.decode()}"
        return json.loads(content) if content else None

    def runs(self, task_id: int) -> list[dict[str, Any]]:
        """Oldest first."""
        found = self.call("GET", f"/api/scheduled-tasks/{task_id}/logs?page_size=100")["items"]
        return sorted(found, key=lambda run: int(run["id"]))

    def ended(self, task_id: int, count: int = 1) -> list[dict[str, Any]]:
        """Waits until `count` runs of the task have ended."""

        def enough() -> list[dict[str, Any]]:
            return done if len(done := [r for r in self.runs(task_id) if r["finished_at"]]) >= count else []

        return eventually(enough)


REPLACED = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "ENCRYPTION_KEYS"}


def eventually(found: Callable[[], T], patience_seconds: float = PATIENCE_SECONDS) -> T:
    """Asks until the answer is true. The patience is for a stuck platform, not a measure of speed."""
    give_up = time.monotonic() + patience_seconds
    while not (answer := found()):
        assert time.monotonic() < give_up, "it never came true"
        time.sleep(0.1)
    return answer


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
