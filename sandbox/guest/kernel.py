"""System calls that the standard library lacks."""

from __future__ import annotations

import ctypes
import os
from typing import Any

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
_libc_with_gil = ctypes.PyDLL(None, use_errno=True)  # Python's lock stays held during a call

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_CAPBSET_DROP = 1, 4, 8, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 4096, 16384, 1 << 18, 2


def syscall(number: int, *arguments: Any) -> int:
    """Make a system call and return its result. Integers are passed as C longs. Raises OSError."""
    converted = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    result: int = libc.syscall(ctypes.c_long(number), *converted)
    if result < 0:
        raise _last_error(f"system call {number}")
    return result


def fork() -> int:
    """Make a child as the C library does, for a process with one thread.

    Python's own fork mends locks and lists of threads in the child. Where there is one thread nothing is broken, and
    the kernel has to copy each page that this touches. It also seeds `random`, which is left to the caller here.
    """
    pid: int = _libc_with_gil.fork()
    if pid < 0:
        raise _last_error("fork")
    return pid


def prctl(option: int, value: int = 0) -> None:
    if libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) < 0:
        raise _last_error(f"prctl {option}")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    encoded = [text.encode() or None for text in (source, target, kind)]
    if libc.mount(*encoded, ctypes.c_ulong(flags), options.encode() or None) != 0:
        raise _last_error(f"mount on {target}")


def unmount(target: str) -> None:
    """Detach a mount at once; the kernel frees its tree, however deep, when nobody uses it any more."""
    if libc.umount2(target.encode(), MNT_DETACH) != 0:
        raise _last_error(f"unmount of {target}")


def _last_error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")
