"""Capabilities, user ids and rlimits."""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from collections.abc import Mapping

from sandbox.guest import kernel
from sandbox.system_calls import NUMBERS

_CAPABILITY_VERSION_3 = 0x20080522
CAP_SYS_ADMIN = 21
NOBODY = 65534


def become_nobody(keep: tuple[int, ...] = ()) -> None:
    """Change to the user and group nobody, keeping only the capabilities in `keep`. Needs CAP_SETUID."""
    os.setgroups([])
    kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    hold_only(keep)


def hold_only(keep: tuple[int, ...]) -> None:
    kernel.syscall(NUMBERS["capset"], _HEADER, _sets(keep))


def hold_none() -> None:
    kernel.syscall(NUMBERS["capset"], _HEADER, _NO_SETS)


def _sets(keep: tuple[int, ...]) -> ctypes.Array[ctypes.c_char]:
    mask = sum(1 << capability for capability in keep)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    return ctypes.create_string_buffer(struct.pack("6I", low, low, 0, high, high, 0), 24)


_HEADER = ctypes.create_string_buffer(struct.pack("Ii", _CAPABILITY_VERSION_3, 0), 8)
_NO_SETS = _sets(())


def close_the_way_back() -> None:
    """Empty the sets from which a later step could regain a capability. Has an effect only with CAP_SETPCAP."""
    kernel.libc.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    capability = 0
    while kernel.libc.prctl(kernel.PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) == 0:
        capability += 1


def set_rlimits(limits: Mapping[str, int], count_processes: bool) -> None:
    """Set this process's resource limits.

    `count_processes`: also set RLIMIT_NPROC, which counts this script alone only in a user namespace of its own.
    """
    megabyte = 1 << 20
    for which, soft, hard in (
        # The soft limit's signal distinguishes a CPU limit from other deaths; the hard limit holds if it is caught.
        (resource.RLIMIT_CPU, limits["cpu_seconds"], limits["cpu_seconds"] + 1),
        # Twice the quota: address space is not memory. The host watches how much is really resident.
        (resource.RLIMIT_AS, 2 * limits["memory_mb"] * megabyte, 2 * limits["memory_mb"] * megabyte),
        (resource.RLIMIT_FSIZE, limits["disk_mb"] * megabyte, limits["disk_mb"] * megabyte),
        (resource.RLIMIT_NOFILE, limits["nofile"], limits["nofile"]),
        (resource.RLIMIT_STACK, 8 * megabyte, 8 * megabyte),
        (resource.RLIMIT_SIGPENDING, 64, 64),
        (resource.RLIMIT_MEMLOCK, 0, 0),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(which, (soft, hard))
    if count_processes:
        the_zygote = 1
        total = limits["threads"] + the_zygote
        resource.setrlimit(resource.RLIMIT_NPROC, (total, total))
