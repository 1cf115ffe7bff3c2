"""Runs tests on a database server that this machine has no package of, from a Debian root of its own.

usage: python -m tests.databases {mysql,mariadb} [PYTEST ARGUMENTS…]

mysql is sid's (9.x), mariadb is trixie's (11.x); .ci/services has this machine's own. Needs root, mmdebstrap and
redis-server. Without arguments the tests of `make test-services` run. Exit code: pytest's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from testing.ports import free_port
from tests.deploy.engine.debian import Debian


@dataclass(frozen=True)
class Server:
    """A root, the command that makes a data directory, the server's command, and its client's."""

    root: Debian
    install: tuple[str, ...]
    daemon: tuple[str, ...]
    client: str


SERVERS = {
    "mysql": Server(
        Debian("sid", ("mysql-server-core", "mysql-client-core")),
        ("mysqld", "--initialize-insecure"),
        (
            "mysqld",
            "--secure-file-priv=NULL",
            "--mysqlx=OFF",
            "--skip-log-bin",
            "--innodb-redo-log-capacity=1G",
        ),
        "mysql",
    ),
    "mariadb": Server(
        Debian("trixie", ("mariadb-server-core", "mariadb-client-core")),
        ("mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db", "--force"),
        ("mariadbd",),
        "mariadb",
    ),
}
TESTS = ["-n", "auto", "--dist", "loadgroup", "-m", "(services or sql) and not acceptance"]
STARTS_SECONDS = 120


@contextmanager
def serving(name: str, folder: Path) -> Iterator[str]:
    """Run the server, and yield the URL of an empty database on it."""
    one = SERVERS[name]
    root = one.root.made(Path(tempfile.gettempdir()) / f"platform-{name}")
    inside = ["chroot", str(root), "env", "--unset=TMPDIR"]
    data, port = "/var/lib/tests", free_port()
    shutil.rmtree(root / data.lstrip("/"), ignore_errors=True)
    where = ["--no-defaults", "--user=root", f"--datadir={data}"]
    subprocess.run([*inside, one.install[0], *where, *one.install[1:]], check=True, stdout=subprocess.DEVNULL)
    listen = [
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--socket={data}/socket",
        f"--pid-file={data}/pid",
    ]
    fast = ["--innodb-flush-log-at-trx-commit=2", "--character-set-server=utf8mb4"]
    command = [*inside, one.daemon[0], *where, *one.daemon[1:], *listen, *fast]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        ask = [*inside, one.client, "--no-defaults", "--user=root", f"--socket={data}/socket", "--execute"]
        ends_at = time.monotonic() + STARTS_SECONDS
        while subprocess.run([*ask, "CREATE DATABASE platform"], stderr=subprocess.DEVNULL).returncode:
            if server.poll() is not None or time.monotonic() > ends_at:
                raise SystemExit((folder / "log").read_text(errors="replace"))
            time.sleep(0.2)
        yield f"mysql://root@127.0.0.1:{port}/platform"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(root / data.lstrip("/"))


def main(name: str, arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder, serving(name, Path(folder)) as url:
        server = shutil.which("redis-server") or sys.exit("redis-server is missing.")
        env = os.environ | {"DATABASE_URL": url, "TEST_REDIS_SERVER": server}
        return subprocess.run([sys.executable, "-m", "pytest", *(arguments or TESTS)], env=env).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in SERVERS:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
