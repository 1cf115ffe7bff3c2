"""The numbers of this machine's system calls, which attacks and denials make past the C library."""

from __future__ import annotations

import ctypes

# By ctypes, because the interpreter that an ordinary user may start has no pyseccomp.
_libseccomp = ctypes.CDLL("libseccomp.so.2")


def number_of(call: str) -> int:
    """Return the number of the call with this name. Raises LookupError if this machine hasn't got it."""
    number: int = _libseccomp.seccomp_syscall_resolve_name(call.encode())
    if number < 0:
        raise LookupError(f"This machine has no system call {call}, or it is too new for this libseccomp.")
    return number
