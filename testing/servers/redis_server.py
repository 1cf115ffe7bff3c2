"""A real redis-server for one test run: the wheel's, or the one that TEST_REDIS_SERVER names."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NotYetUp

from platform_site.up.embedded_redis import from_wheel


class RedisServer:
    """Use it in a with block, inside which it can be stopped and started again, empty, on the same port."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        options = {"port": port, "bind": "127.0.0.1", "dir": folder, "save": "", "appendonly": "no"}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self._command = [os.environ.get("TEST_REDIS_SERVER") or from_wheel(), *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        with Redis(port=self.port) as client:
            while self._process.poll() is None:
                try:
                    client.ping()
                    return
                except NotYetUp:
                    time.sleep(0.02)
        raise RuntimeError(f"redis-server ended with code {self._process.returncode}")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None
