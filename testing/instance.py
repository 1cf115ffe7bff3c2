"""A whole platform as `manage.py up` starts it, seen from outside."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platform_site.config.data_dir import BASE_DIR
from testing.ports import free_port
from testing.process_tree import Seen, descendants, see

PATIENCE_SECONDS = 300.0
# The instance must see neither the tests' own settings nor what a developer's shell may hold.
CLEAN = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "TZ": "UTC"}


class Instance:
    def __init__(
        self, data_dir: Path | None, env: Mapping[str, str] = {}, *, checkout: Path = BASE_DIR
    ) -> None:
        """Prepare an instance; if `data_dir` is None, it uses the default one in the checkout."""
        self.checkout = checkout
        self.data_dir = data_dir or checkout / ".data"
        self.port, self.flower_port = free_port(), free_port()
        ports = {"PLATFORM_PORT": str(self.port), "PLATFORM_FLOWER_PORT": str(self.flower_port)}
        folder = {"PLATFORM_DATA_DIR": str(data_dir)} if data_dir else {}
        self.env = {**CLEAN, "PYTHONDONTWRITEBYTECODE": "1", **ports, **folder, **env}
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Instance:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self.wait()

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    def start(self, *, wrapped: bool = False) -> None:
        """Start `manage.py up`; if `wrapped`, as the child of a process that stands for make."""
        command = [sys.executable, "manage.py", "up"]
        if wrapped:
            caller = f"import subprocess; subprocess.call({[*command, '--end-with-parent']!r})"
            command = [sys.executable, "-c", caller]
        self.lines = []
        self._process = subprocess.Popen(
            command,
            cwd=self.checkout,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout:
            self.lines.extend(iter(process.stdout.readline, ""))

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def until_ready(self) -> Instance:
        patience_ends = time.monotonic() + PATIENCE_SECONDS
        while not any(line.startswith("Ready: ") for line in self.lines):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < patience_ends, self.output
            time.sleep(0.05)
        return self

    def wait(self) -> int:
        """Wait until the process has ended and its last line was read; return its exit code."""
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return code

    def send(self, sent: signal.Signals) -> None:
        self.process.send_signal(sent)

    def seen(self) -> list[Seen]:
        """Return the supervisor, if it still exists, and all processes below it."""
        own = see(self.process.pid)
        return [*([own] if own else []), *descendants(self.process.pid)]

    def guard_of(self, name: str) -> Seen:
        """Return the guard process whose command line contains `name`."""
        return next(p for p in self.seen() if "guard.py" in p.command and name in p.command)

    def get(self, path: str, *, port: int | None = None, login: str = "") -> tuple[int, Any]:
        """Return the status and the decoded JSON of the answer, or its text if it is not JSON."""
        basic = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()} if login else {}
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", path, headers=basic)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def flower(self, path: str) -> tuple[int, Any]:
        return self.get(path, port=self.flower_port, login=f"admin:{self.file('flower-password')}")

    def file(self, name: str) -> str:
        return (self.data_dir / name).read_text().strip()

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `manage.py` command with the same settings, as in a second terminal."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.checkout,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
