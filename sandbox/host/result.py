"""The result of a script, and what the exit of one that reported nothing means."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from sandbox.protocol import EXIT_OUT_OF_MEMORY

JSON = Any


@dataclass(frozen=True)
class Verdict:
    """How a script ended. `error_code` is None if it came to its end."""

    error_code: str | None
    error: str = ""
    result: JSON = None


@dataclass(frozen=True)
class ProcessExit:
    """A process's end. `status` is as from `os.waitstatus_to_exitcode`: negative for a signal."""

    status: int
    cpu_ms: int
    peak_bytes: int


@dataclass(frozen=True)
class Result:
    """The result of a script. `status` is success, failed or canceled; `error_code` is None on success."""

    status: str
    error_code: str | None
    error: str
    result: JSON
    output_truncated: bool
    duration_ms: int
    cpu_ms: int
    peak_memory_bytes: int


def read_exit(exit: ProcessExit | None, cpu_seconds: int) -> Verdict:
    """Return the verdict on a script that ended without a last message, from its exit; None is a lost zygote."""
    if exit is None:
        return Verdict("sandbox_lost", "The sandbox ended unexpectedly while the script ran.")
    if exit.status == -signal.SIGXCPU or exit.cpu_ms >= 1000 * cpu_seconds:
        return Verdict("cpu_limit", f"The script used more than {cpu_seconds} s of processor time.")
    if exit.status == EXIT_OUT_OF_MEMORY:
        return Verdict("memory_limit", "The script needs more memory than its limit.")
    if exit.status == -signal.SIGSYS:
        return Verdict("script_error", "The script made a system call for another kind of processor.")
    if exit.status == -signal.SIGKILL:
        return Verdict(
            "sandbox_lost", "The script was killed from outside: the machine may have run out of memory."
        )
    if exit.status < 0:
        return Verdict("script_error", f"The script crashed: {signal.Signals(-exit.status).name}.")
    return Verdict("script_error", f"The script left without finishing (exit status {exit.status}).")
