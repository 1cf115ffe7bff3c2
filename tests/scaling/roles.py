"""The services of docker-compose.yml as processes: its commands, its environment, its way to stop them.

What differs is what a host gives: addresses of database and Redis, the data dir, its name.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from django.conf import settings

from platform_site.config.data_dir import BASE_DIR
from testing.ports import free_port
from testing.processes import database_url
from tests.deploy import compose, env_file

PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
PLAIN = {"PATH": PATH, "HOME": os.environ.get("HOME", "/"), "PYTHONDONTWRITEBYTECODE": "1"}


class Roles:
    """Use it in a with block: what is still there at its end is killed. `said`: what they log, line by line."""

    def __init__(self, folder: Path, chosen: Mapping[str, str]) -> None:
        """`chosen`: what an operator wrote into `.env` on top of the example."""
        self.folder = folder
        dotenv = env_file.made(folder) | dict(chosen)
        self.services = compose.ours(dotenv)
        self.given = {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "ENCRYPTION_KEYS": settings.ENCRYPTION_KEYS[0],
            "PLATFORM_DATA_DIR": str(folder),
            "PLATFORM_HOST": "127.0.0.1",
            "FLOWER_ADDRESS": "127.0.0.1",
        }
        self.environ: dict[int, dict[str, str]] = {}
        self.dotenv = dotenv
        self.numbers = itertools.count(1)
        self.stack = ExitStack()

    def __enter__(self) -> Roles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

    def start(self, role: str) -> subprocess.Popen[bytes]:
        host = f"{role}-{next(self.numbers)}"
        service = self.services[role]
        own = {"ALIVE_FILE": str(self.folder / f"{host}.alive")}
        ports = {"PLATFORM_PORT": str(free_port()), "FLOWER_PORT": str(free_port())}
        environ = PLAIN | self.dotenv | dict(service["environment"]) | self.given | own | ports
        environ = {name: value for name, value in environ.items() if value}
        command = [*map(str, service["command"]), *(["--host", host] if role.startswith("worker") else [])]
        with (self.folder / f"{host}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=BASE_DIR,
                env=environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.stack.callback(self._kill, process)
        self.environ[process.pid] = environ
        return process

    def is_healthy(self, role: str, process: subprocess.Popen[bytes]) -> bool:
        """As the engine asks."""
        test = self.services[role]["healthcheck"]["test"]
        assert test[0] == "CMD"
        asked = subprocess.run(test[1:], cwd=BASE_DIR, env=self.environ[process.pid], capture_output=True)
        return asked.returncode == 0

    def stop(self, role: str, process: subprocess.Popen[bytes]) -> None:
        """As `docker stop`: SIGTERM to the container's first process, and raises if its grace period is over."""
        process.send_signal(signal.SIGTERM)
        process.wait(compose.seconds(self.services[role]["stop_grace_period"]))

    def said(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def alive(self) -> int:
        """How many have touched their file."""
        return len(list(self.folder.glob("*.alive")))

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
