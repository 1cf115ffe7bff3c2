"""The zygote. It is started once per process that needs it, jails itself, then forks a jailed process for each script.

Control messages are JSON in one packet each (SOCK_SEQPACKET):
host to zygote   the configuration, once; then {"limits", "timezone"} with the script's socket, and a second one for its
                 network if it has any, one script at a time; or {"job": limits} with the job's socket, as many at a
                 time as the host likes (`jobs.py`)
zygote to host   {"missing", "work_base"} or {"failed"}, once; then {"work_dir"} with the script's pidfd, and at its end
                 {"status", "cpu_ms", "peak_bytes"}
"""

from __future__ import annotations

import _sitebuiltins
import builtins
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from sandbox.guest import kernel, network, script
from sandbox.guest.attributes import notice_missing_files
from sandbox.guest.jail import Jail, out_of_the_way
from sandbox.guest.jobs import Jobs, load_kinds, report_of
from sandbox.guest.processes import refuse_processes

# Modules that nearly every script uses, loaded once here instead of in each script.
_PRELOADED = (
    "array base64 bisect calendar collections contextlib copy csv dataclasses datetime decimal enum fractions "
    "functools hashlib heapq hmac html io itertools json linecache logging math operator pathlib random re secrets "
    "shutil statistics string struct tempfile textwrap threading time tokenize traceback types typing "
    "unicodedata urllib.parse uuid zoneinfo _strptime"
)
_PACKET = 65536
# glibc reserves 64 MiB of address space for each thread's arena, which RLIMIT_AS would count (malloc.h).
_M_ARENA_MAX = -8


def main(control_fd: int, import_path: str) -> NoReturn:
    control = socket.socket(fileno=out_of_the_way(control_fd))
    config = json.loads(control.recv(_PACKET))
    kinds = load_kinds(config["packages"])
    if not kinds:
        _prepare_for_scripts()
    sys.path[:] = [entry for entry in sys.path if entry != import_path]
    _be_the_first_to_go()
    kernel.libc.mallopt(_M_ARENA_MAX, 1)
    jail = Jail(config)
    try:
        jail.enter()
    except Exception as error:  # reported to the host, which has no other way to learn it
        control.send(json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode())
        os._exit(1)
    control.send(json.dumps({"missing": jail.missing, "work_base": jail.work_base}).encode())
    gc.collect()
    gc.freeze()  # no later collection writes to these pages, so the forks go on sharing them
    jobs = Jobs(control, jail, kinds)
    while True:
        jobs.look_after_until_asked()
        data, fds, _, _ = socket.recv_fds(control, _PACKET, 2)
        if not data:
            os._exit(0)
        request = json.loads(data)
        if "job" in request:
            jobs.start(socket.socket(fileno=fds[0]), request["job"])
        else:
            _run_one(control, jail, request, fds)


def _prepare_for_scripts() -> None:
    """Do once what would otherwise be done in each script's process."""
    notice_missing_files()  # before anything is loaded that would keep the functions that it replaces
    for name in _PRELOADED.split():
        importlib.import_module(name)
    refuse_processes()
    network.install()
    script.prepare()
    # What the module site would have set up.
    for name in ("exit", "quit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)"))


def _be_the_first_to_go() -> None:
    """Make the kernel kill scripts, not workers, when memory runs out."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def _run_one(control: socket.socket, jail: Jail, request: dict[str, Any], connections: Sequence[int]) -> None:
    work_dir = jail.prepare(request["limits"], request["timezone"])
    pid = kernel.fork()
    if pid == 0:
        script.main(connections, jail, work_dir, request)
    for connection in connections:
        os.close(connection)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(control, [json.dumps({"work_dir": work_dir}).encode()], [pidfd])
    _wait_or_die(control, pid, pidfd)
    os.close(pidfd)  # if one per script stayed open, the zygote would fail after some hundred scripts
    _, status, usage = os.wait4(pid, 0)
    control.send(json.dumps(report_of(status, usage)).encode())
    jail.clear()


def _wait_or_die(control: socket.socket, pid: int, pidfd: int) -> None:
    """Wait until the script has ended. If the host ends first, kill the script and exit."""
    poller = select.poll()
    poller.register(pidfd, select.POLLIN)
    poller.register(control, 0)  # a hang-up is always reported
    for fd, _ in poller.poll():
        if fd == control.fileno():
            os.kill(pid, signal.SIGKILL)
            os._exit(0)
