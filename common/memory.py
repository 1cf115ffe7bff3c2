"""Limits how much memory a process may take, so that one request or run can't exhaust the machine."""

from __future__ import annotations

import ctypes
import resource

M_ARENA_MAX = -8  # malloc.h
ARENAS = 4
STACK_BYTES = 8 << 20


def limit_memory(megabytes: int, threads: int) -> None:
    """Limit this process's address space, not counting its threads' stacks; 0 leaves it as it is.

    An allocation beyond the limit raises MemoryError. Call this before the threads are started: otherwise glibc would
    reserve 64 MiB for each of them, on a machine with many cores.
    """
    if not megabytes:
        return
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = (megabytes << 20) + threads * STACK_BYTES
    if hard == resource.RLIM_INFINITY or wanted < hard:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
