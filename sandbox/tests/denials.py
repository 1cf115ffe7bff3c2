"""Takes away from this process, and all that it starts, what some hosts don't give."""

from __future__ import annotations

import errno
import struct

from sandbox.guest import kernel, seccomp

_NUMBERS = {
    "x86_64": {"unshare": 272, "mount": 165, "setns": 308, "personality": 135},
    "aarch64": {"unshare": 97, "mount": 40, "setns": 268, "personality": 92},
}[kernel.MACHINE]
_CLONE3 = 435
_LANDLOCK = (444, 445, 446)
_LINUX32 = 8
_ALL_NAMESPACES = 0x7E020000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _FIRST_ARGUMENT = 0, 16
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000


def deny_namespaces() -> None:
    """As Docker's default profile does without CAP_SYS_ADMIN: clone3 unknown, clone only without new namespaces."""
    numbers = (*(_NUMBERS[name] for name in ("unshare", "mount", "setns")), kernel.NUMBERS["pivot_root"])
    refused = b"".join(_refuse(number, errno.EPERM) for number in numbers)
    clone = (
        _instruction(_EQUAL, kernel.NUMBERS["clone"], 0, 3)
        + _instruction(_LOAD, _FIRST_ARGUMENT)
        + _instruction(_ANY_BIT, _ALL_NAMESPACES, 0, 1)
        + _instruction(_RETURN, _ERROR | errno.EPERM)
    )
    _load(refused + _refuse(_CLONE3, errno.ENOSYS) + clone)


def deny_landlock() -> None:
    """As a kernel before 5.13, or one that was started without it."""
    _load(b"".join(_refuse(number, errno.ENOSYS) for number in _LANDLOCK))


def _refuse(number: int, error: int) -> bytes:
    return _instruction(_EQUAL, number, 0, 1) + _instruction(_RETURN, _ERROR | error)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _load(rules: bytes) -> None:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.load(_instruction(_LOAD, _NUMBER) + rules + _instruction(_RETURN, _ALLOW))


def pretend_another_machine() -> None:
    """Linux names an x86-64 machine i686, and an aarch64 one armv8l, to such a process (linux/personality.h)."""
    kernel.syscall(_NUMBERS["personality"], _LINUX32)
