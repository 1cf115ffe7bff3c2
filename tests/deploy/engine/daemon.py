"""Starts dockerd and stops it, with all that it has started."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from testing.patience import eventually
from tests.deploy.engine.debian import Debian

SETUP = Path(__file__).with_name("setup.sh")
DOCKER = ("docker.io", "docker-cli", "docker-buildx", "docker-compose", "iptables", "mount", "tini")
CGROUPS = Path("/sys/fs/cgroup")
SOCKET = "engine.sock"
# Nothing of ours comes along: a TMPDIR, for one, is not there.
PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
CLONE_NEWNET = 0x40000000


class Engine:
    """Use it in a with block. `folder` keeps its root and its images for the next one; one at a time can use it."""

    OUTSIDE = "10.0.2.2"
    """The address by which containers reach this machine's 127.0.0.1."""

    def __init__(self, folder: Path, *, suite: str = "sid", containerd_store: bool = True) -> None:
        self.folder, self.suite, self.containerd_store = folder, suite, containerd_store
        self.root, self.data = folder / f"root-{suite}", folder / f"docker-{suite}"

    def __enter__(self) -> Engine:
        assert os.geteuid() == 0, "Only root can start a Docker engine."
        self.data.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            lock = self._lock(stack)
            Debian(self.suite, DOCKER).made(self.root)
            self._start(stack, lock)
            self._connect(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, *command: str, folder: str = "/", feed: bytes | None = None) -> str:
        """What it writes; fails where the command does."""
        done = self.tried(*command, folder=folder, feed=feed)
        said = (done.stdout + done.stderr).decode().splitlines()
        assert done.returncode == 0, "\n".join([" ".join(command), *said[-40:]])
        return done.stdout.decode()

    def tried(
        self, *command: str, folder: str = "/", feed: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run in the engine's root and namespaces."""
        return subprocess.run(self.inside(*command, folder=folder), input=feed, capture_output=True)

    def inside(self, *command: str, folder: str = "/") -> list[str]:
        environ = PLAIN | {"DOCKER_HOST": f"unix:///var/lib/docker/{SOCKET}"}
        given = [f"{name}={value}" for name, value in environ.items()]
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--ipc", "--uts", "--root"]
        return [*enter, "env", "-i", "-C", folder, *given, *command]

    @contextmanager
    def network(self) -> Iterator[None]:
        """This thread's new sockets are the engine's: 127.0.0.1 is where it publishes ports."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as ours, open(f"/proc/{self.pid}/ns/net") as its:
            assert libc.setns(its.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(ours.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())

    def outside(self, url: str) -> str:
        """By which containers reach a server of ours."""
        return url.replace("127.0.0.1", self.OUTSIDE)

    def log(self) -> str:
        return (self.folder / "dockerd.log").read_text()

    def _lock(self, stack: ExitStack) -> IO[str]:
        lock = stack.enter_context((self.folder / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AssertionError(f"Another engine uses {self.folder}.") from None
        return lock

    def _start(self, stack: ExitStack, lock: IO[str]) -> None:
        """The first process of a PID namespace takes all others with it, and the last takes the other namespaces.

        All of them hold the lock: whoever has started them may be gone before they are.
        """
        cgroup = f"engine-{self.folder.stat().st_ino}"
        config = {"containerd-snapshotter": self.containerd_store}
        (self.root / "etc" / "docker").mkdir(exist_ok=True)
        (self.root / "etc" / "docker" / "daemon.json").write_text(json.dumps({"features": config}))
        (self.data / SOCKET).unlink(missing_ok=True)
        stack.callback(_remove_cgroups, cgroup)
        log = stack.enter_context((self.folder / "dockerd.log").open("wb"))
        namespaces = ["--mount", "--propagation=private", "--net", "--pid", "--ipc", "--uts"]
        options = [f"--host=unix:///var/lib/docker/{SOCKET}", f"--cgroup-parent=/{cgroup}"]
        unshare = subprocess.Popen(
            ["unshare", *namespaces, "--fork", "--kill-child", "sh", SETUP, self.root, self.data, *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(lock.fileno(),),
            start_new_session=True,
            env=PLAIN,
        )
        stack.callback(unshare.wait)
        stack.callback(unshare.kill)  # and with it, by --kill-child, all the others
        eventually(lambda: (self.data / SOCKET).exists() or unshare.poll() is not None)
        assert unshare.poll() is None, self.log()
        self.pid = int(Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children").read_text())
        stack.callback(self._stop, unshare)

    def _stop(self, unshare: subprocess.Popen[bytes]) -> None:
        """dockerd ends its containers by itself; it has a minute."""
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.kill(self.pid, signal.SIGTERM)
            unshare.wait(60)

    def _connect(self, stack: ExitStack) -> None:
        """A user's network, by a process: nothing of this machine's is changed for it."""
        (ready, says_ready), (ends, end) = os.pipe(), os.pipe()
        options = ["--configure", "--mtu=1500", f"--ready-fd={says_ready}", f"--exit-fd={ends}"]
        slirp = subprocess.Popen(
            ["slirp4netns", *options, str(self.pid), "tap0"],
            pass_fds=(says_ready, ends),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(slirp.wait)
        stack.callback(os.close, end)  # which ends it
        os.close(says_ready)
        os.close(ends)
        with open(ready, "rb") as told:
            assert told.read(1) == b"1", "slirp4netns did not start."


def _remove_cgroups(name: str) -> None:
    for hierarchy in [CGROUPS, *(path for path in CGROUPS.iterdir() if path.is_dir())]:
        for folder in sorted((hierarchy / name).rglob("*/"), reverse=True):
            folder.rmdir()
        with suppress(FileNotFoundError):
            (hierarchy / name).rmdir()
