"""Jobs that the platform itself runs in the jail: each in a process of its own, several at a time.

A job's socket carries frames (`protocol.py`): the order from the host, which is read when the filters are on, then the
answer, or "unjailed" if they could not be put on. When the process has ended, the zygote adds {"kind": "ended",
"status", "cpu_ms", "peak_bytes"} and closes the socket. When the host closes its end, the process is killed.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from sandbox.guest import kernel
from sandbox.guest.jail import Jail
from sandbox.guest.link import HostGoneError, Link
from sandbox.guest.script import jailed_link
from sandbox.protocol import EXIT_OUT_OF_MEMORY, pack

Kinds = Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]

# A job has no work dir: it can write nothing anywhere.
_NO_WORK_DIR = "/"


def load_kinds(packages: Sequence[str]) -> Kinds:
    """Return the kinds of jobs; none without `packages`. What they need of those packages is loaded now, or never."""
    if not packages:
        return {}
    sys.path += packages
    try:
        checking = importlib.import_module("sandbox.guest.checking")
        rendering = importlib.import_module("sandbox.guest.rendering")
    finally:
        sys.path[:] = [entry for entry in sys.path if entry not in packages]
    return {
        "script": checking.check,
        "templates": rendering.check,
        "render": rendering.render,
    }


@dataclass
class _Job:
    pid: int
    connection: socket.socket
    ends_at: float
    is_killed: bool = False


class Jobs:
    """The jobs that are under way, kept by the pidfds of their processes."""

    def __init__(self, control: socket.socket, jail: Jail, kinds: Kinds) -> None:
        self._control, self._jail, self._kinds = control, jail, kinds
        self._running: dict[int, _Job] = {}

    def start(self, connection: socket.socket, limits: dict[str, int]) -> None:
        pid = kernel.fork()
        if pid == 0:
            _do_job(connection.fileno(), self._jail, limits, self._kinds)
        ends_at = time.monotonic() + limits["wall_seconds"]
        self._running[os.pidfd_open(pid)] = _Job(pid, connection, ends_at)

    def look_after_until_asked(self) -> None:
        """Look after the jobs until a message from the host waits. Return at once if no job is under way."""
        while self._running:
            readable = self._wait()
            for pidfd in readable & set(self._running):
                _report_end(pidfd, self._running.pop(pidfd))
            self._kill_overdue(readable)
            if self._control.fileno() in readable:
                return

    def _wait(self) -> set[int]:
        """Wait for an event or the next deadline and return the descriptors with events.

        The only event of a job's connection is that nobody reads it any more.
        """
        poller = select.poll()
        poller.register(self._control, select.POLLIN)
        for pidfd, job in self._running.items():
            poller.register(pidfd, select.POLLIN)
            if not job.is_killed:
                poller.register(job.connection, 0)
        ends_at = min(job.ends_at for job in self._running.values())
        return {fd for fd, _ in poller.poll(1000 * max(0.01, ends_at - time.monotonic()))}

    def _kill_overdue(self, readable: set[int]) -> None:
        now = time.monotonic()
        for job in self._running.values():
            if not job.is_killed and (now >= job.ends_at or job.connection.fileno() in readable):
                os.kill(job.pid, signal.SIGKILL)
                job.is_killed = True


def _report_end(pidfd: int, job: _Job) -> None:
    os.close(pidfd)
    _, status, usage = os.wait4(job.pid, 0)
    with job.connection, contextlib.suppress(OSError):  # nobody waits for it any more
        report = pack({"kind": "ended", **report_of(status, usage)}, 4096)
        job.connection.send(report, socket.MSG_DONTWAIT)


def report_of(status: int, usage: resource.struct_rusage) -> dict[str, int]:
    """Return how a process ended and what it used, in the fields of the host's `Exit`."""
    return {
        "status": os.waitstatus_to_exitcode(status),
        "cpu_ms": round(1000 * (usage.ru_utime + usage.ru_stime)),
        "peak_bytes": usage.ru_maxrss * 1024,
    }


def _do_job(connection: int, jail: Jail, limits: dict[str, int], kinds: Kinds) -> NoReturn:
    """Do one job and exit. Whatever happens, this process ends here and never returns into the zygote's loop."""
    try:
        link = jailed_link([connection], jail, _NO_WORK_DIR, limits)
        _answer(link, kinds)
    except MemoryError:
        os._exit(EXIT_OUT_OF_MEMORY)
    except HostGoneError:
        os._exit(1)
    finally:
        os._exit(0)


def _answer(link: Link, kinds: Kinds) -> None:
    order = link.receive()
    link.send({"kind": "answer", **kinds[order["kind"]](order)})
