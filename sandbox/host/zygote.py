"""The host's handle on one zygote process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.host.certificates import certificates_file
from sandbox.host.errors import SandboxLostError, SandboxUnavailableError
from sandbox.host.limits import Limits
from sandbox.host.result import ProcessExit
from sandbox.host.work_dir import remove_tree
from sandbox.host.zones import zones_dir

_PACKET = 65536
_START_SECONDS = 20.0
_REPLY_SECONDS = 10.0
_END_SECONDS = 5.0
_IMPORT_PATH = str(Path(__file__).parents[2])
_BOOT = """
import sys
fd, path = sys.argv[1:]
sys.path.insert(0, path)
from sandbox.guest.bootstrap import main
main(int(fd), path)
"""
_MACHINES = ("x86_64", "aarch64")  # on which all attacks have been tried


class Zygote:
    """A zygote process. Once `is_lost`, it can only be closed.

    `missing` maps each layer that this host doesn't provide to the reason. `packages`: directories of the platform's
    own packages. A zygote that is given them loads what the platform's jobs need of them before it jails itself; its
    children can't read them.
    """

    def __init__(
        self,
        *,
        deps_dirs: Sequence[str],
        unsafe: bool,
        python: str,
        work_root: str | None,
        packages: Sequence[str] = (),
    ) -> None:
        _refuse_other_machines()
        zones = zones_dir()
        self.scripts = self.jobs = 0
        self.is_lost = False
        self.work_base = ""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_START_SECONDS)
        try:
            with theirs:
                self._process = _spawn(python, theirs)
        except OSError as error:
            self._control.close()
            raise SandboxUnavailableError(f"The sandbox can't start: {error}") from error
        config = {
            "unsafe": unsafe,
            "work_root": work_root or tempfile.gettempdir(),
            "deps_dirs": [os.path.realpath(path) for path in deps_dirs],
            "packages": list(packages),
            "zones_dir": zones,
            "certificates": certificates_file(),
            "drop_to_nobody": os.geteuid() == 0 and _nobody_may_read(os.path.dirname(os.__file__)),
        }
        try:
            self._control.send(json.dumps(config).encode())
            started = json.loads(self._control.recv(_PACKET) or '{"failed": "its process ended at once"}')
        except OSError as error:
            started = {"failed": str(error)}
        if "failed" in started:
            self.close()
            raise SandboxUnavailableError(f"The sandbox can't start: {started['failed']}")
        self.missing: dict[str, str] = started["missing"]
        self.work_base = started["work_base"]

    def fork(self, limits: Limits, timezone: str, *, with_network: bool = False) -> Child:
        """Start a jailed process for one script. Raises SandboxLostError."""
        pairs = [socket.socketpair()]
        if with_network:
            pairs.append(socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        ours = [our_end for our_end, _ in pairs]
        request = json.dumps({"limits": asdict(limits), "timezone": timezone}).encode()
        try:
            with ExitStack() as theirs:
                self._control.settimeout(_REPLY_SECONDS)
                fds = [theirs.enter_context(their_end).fileno() for _, their_end in pairs]
                socket.send_fds(self._control, [request], fds)
            data, fds, _, _ = socket.recv_fds(self._control, _PACKET, 1)
        except OSError as error:
            data, fds, why = b"", [], str(error)
        else:
            why = "it died"
        if not fds:
            for our_end in ours:
                our_end.close()
            self.is_lost = True
            raise SandboxLostError(f"The sandbox doesn't answer: {why}")
        self.scripts += 1
        return Child(*ours, pidfd=fds[0], work_dir=json.loads(data)["work_dir"] if self.work_base else "")

    def start_job(self, limits: Mapping[str, int]) -> socket.socket:
        """Return the connection to a jailed process that does one job. The process's end is reported there as well.

        Thread-safe, and any number may be under way. Raises SandboxLostError.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(
                    self._control, [json.dumps({"job": dict(limits)}).encode()], [theirs.fileno()]
                )
        except OSError as error:
            ours.close()
            self.is_lost = True
            raise SandboxLostError(f"The sandbox doesn't answer: {error}") from error
        return ours

    def wait(self, seconds: float) -> ProcessExit | None:
        """Wait for the end of the forked script.

        Return None if it was not reported in time, or if the zygote itself is gone, which is then `is_lost`.
        """
        self._control.settimeout(seconds)
        try:
            data = self._control.recv(_PACKET)
        except TimeoutError:
            return None
        except OSError:
            data = b""
        self.is_lost = not data
        return ProcessExit(**json.loads(data)) if data else None

    def close(self) -> None:
        """End the zygote and remove what its scripts left on disk.

        It is given time to end by itself: only then does it reap its child, which in a container nobody else would.
        """
        self._control.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self.work_base:
            remove_tree(self.work_base)

    def forget(self) -> None:
        """Drop the handle in a forked copy of the worker: the zygote belongs to the parent process."""
        self._control.close()
        self._process.returncode = 0


class Child:
    """One script's process, seen from outside.

    `channel`: where it asks for its network. `work_dir` is "" if the directory vanishes by itself.
    """

    def __init__(
        self, connection: socket.socket, channel: socket.socket | None = None, *, pidfd: int, work_dir: str
    ) -> None:
        self.connection, self.channel = connection, channel
        self.work_dir = work_dir
        self._pidfd = pidfd
        self.pid = _pid_of(pidfd)

    def kill(self) -> None:
        try:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        except ProcessLookupError:
            return

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self._pidfd)
        self.connection.close()
        if self.channel:
            self.channel.close()
        if self.work_dir:
            remove_tree(self.work_dir)


def _spawn(python: str, control: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [python, "-I", "-S", "-B", "-c", _BOOT, str(control.fileno()), _IMPORT_PATH],
        env={"LD_BIND_NOW": "1"},  # libraries' functions are looked up once, not by each script's process
        cwd="/",
        pass_fds=(control.fileno(),),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a terminal's Ctrl-C goes to the worker alone, which then decides
    )


def _refuse_other_machines() -> None:
    """Raise SandboxUnavailableError on a machine where the sandbox has not been tried.

    On other machines the same numbers are other system calls, so not even `unsafe` may try.
    """
    if (machine := os.uname().machine) not in _MACHINES:
        raise SandboxUnavailableError(
            f"This machine is {machine}; the sandbox has been tried on {' and '.join(_MACHINES)} only."
        )


def _pid_of(pidfd: int) -> int:
    """Return the process's id in this process's own pid namespace; -1 once the process is gone."""
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        fields: dict[str, Any] = dict(line.split(":", 1) for line in file)
    return int(fields["Pid"])


def _nobody_may_read(directory: str) -> bool:
    path = Path(directory)
    return all(step.stat().st_mode & 0o005 == 0o005 for step in (path, *path.parents))


def default_python() -> str:
    """Return the interpreter below a virtual environment: a script must not see the packages of that."""
    return getattr(sys, "_base_executable", None) or sys.executable
