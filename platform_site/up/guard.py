"""Runs one command so that nothing it ever starts outlives the supervisor or the command.

`guard.py SUPERVISOR_PID LOCK_FD COMMAND…`, a program of its own on the standard library. PR_SET_PDEATHSIG alone
ends only the direct child: Celery's prefork children and a sandbox's zygote would go on. The guard is their
subreaper: a process that loses its parent becomes the guard's child, so killing children until none is left reaches
every descendant, also those in sessions and process groups of their own.

It ignores what a terminal sends (it leads its own session), hands SIGTERM and SIGINT on to the command, and holds
the data dir's lock until the last descendant is gone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
VANISH_SIGNAL = signal.SIGUSR1  # the supervisor is gone, or will wait no longer
HANDED_ON = {signal.SIGTERM, signal.SIGINT}
WATCHED = {*HANDED_ON, VANISH_SIGNAL, signal.SIGCHLD}


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def end_with_parent(sent: signal.Signals, parent: int) -> bool:
    """Let the kernel send us `sent` when our parent dies. Return False where it has died already."""
    _prctl(PR_SET_PDEATHSIG, sent)
    return os.getppid() == parent


def adopt_orphans() -> None:
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def kill_descendants() -> None:
    """Kill all descendants. Every round kills the children there are; their own are ours by the next round."""
    while True:
        for pid in children():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def children() -> list[int]:
    """Find our children by the status of every process: /proc/…/children is not in every kernel."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _parent(name) == os.getpid()]


def _parent(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(
                file.read().rpartition(b")")[2].split()[1]
            )  # a process's name may hold anything, also ")"
    except (FileNotFoundError, ProcessLookupError):
        return 0


def watch(command: int) -> int:
    """Wait until the command has ended or must end; return its exit code as a shell gives it."""
    while True:
        got = signal.sigwait(WATCHED)
        if got == VANISH_SIGNAL:
            return 128 + signal.SIGKILL
        if got in HANDED_ON:
            os.kill(command, got)
        elif (code := reap(command)) is not None:
            return code


def reap(command: int) -> int | None:
    """Take the dead off the process table; return the command's exit code if it is among them, else None."""
    ended = None
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            if found[0] == command:
                code = os.waitstatus_to_exitcode(found[1])
                ended = code if code >= 0 else 128 - code
    return ended


def main(supervisor: int, lock: int, command: list[str]) -> int:
    os.set_inheritable(lock, False)
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    adopt_orphans()
    if not end_with_parent(VANISH_SIGNAL, supervisor):
        return 1
    default = (signal.SIGPIPE, signal.SIGXFSZ)  # Python ignores them; other programs don't expect that
    pid = os.posix_spawnp(command[0], command, os.environ, setsigmask=(), setsigdef=default)
    try:
        return watch(pid)
    finally:
        kill_descendants()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
