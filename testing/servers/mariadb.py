"""A MariaDB for one test, which can be killed and comes back with all that was committed."""

from __future__ import annotations

import getpass
import os
import subprocess
import time
from pathlib import Path

SBIN = os.pathsep + "/usr/sbin"  # where Debian has mariadbd; a user's PATH does not include it


class MariaDb:
    """Use it in a with block, inside which there is a database `platform`. The user is root without a password."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.url = f"mysql://root@127.0.0.1:{port}/platform"
        self._environ = os.environ | {"PATH": os.environ["PATH"] + SBIN}
        self._place = ["--no-defaults", f"--user={getpass.getuser()}", f"--datadir={folder / 'data'}"]
        self._socket = f"--socket={folder / 'socket'}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> MariaDb:
        self._run("mariadb-install-db", *self._place, "--auth-root-authentication-method=normal")
        self.start()
        self._run(*self._client("mariadb"), "-e", "CREATE DATABASE platform CHARACTER SET utf8mb4")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the server and return when it answers. Raises RuntimeError with its log if it ends instead."""
        listening = ["--bind-address=127.0.0.1", f"--port={self.port}", self._socket]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                ["mariadbd", *self._place, *listening, "--character-set-server=utf8mb4"],
                env=self._environ,
                stdout=log,
                stderr=log,
            )
        while self._process.poll() is None:
            if self._answers():
                return
            time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text()[-5000:])

    def stop(self) -> None:
        """Kill the server with SIGKILL: InnoDB's default is a flush per commit, so nothing committed is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        ping = [*self._client("mariadb-admin"), "--connect-timeout=2", "ping"]
        return subprocess.run(ping, env=self._environ, capture_output=True, check=False).returncode == 0

    def _client(self, name: str) -> list[str]:
        return [name, "--no-defaults", self._socket, "--user=root"]

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self._environ, check=True, capture_output=True)
