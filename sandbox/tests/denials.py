"""Takes away from this process, and all that it starts, what some hosts don't give."""

from __future__ import annotations

import errno
import struct

from sandbox.guest import kernel, seccomp
from sandbox.system_calls import MACHINE
from sandbox.tests.call_numbers import number_of

_LINUX32 = 8
PRETENDED = {"x86_64": "i686", "aarch64": "armv8l"}[MACHINE]
_ALL_NAMESPACES = 0x7E020000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _FIRST_ARGUMENT = 0, 16
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000


def deny_namespaces() -> None:
    """As Docker's default profile does without CAP_SYS_ADMIN: clone3 unknown, clone only without new namespaces."""
    refused = b"".join(_refuse(call, errno.EPERM) for call in ("unshare", "mount", "setns", "pivot_root"))
    clone = (
        _instruction(_EQUAL, number_of("clone"), 0, 3)
        + _instruction(_LOAD, _FIRST_ARGUMENT)
        + _instruction(_ANY_BIT, _ALL_NAMESPACES, 0, 1)
        + _instruction(_RETURN, _ERROR | errno.EPERM)
    )
    _load(refused + _refuse("clone3", errno.ENOSYS) + clone)


def deny_landlock() -> None:
    """As a kernel before 5.13, or one that was started without it."""
    calls = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
    _load(b"".join(_refuse(call, errno.ENOSYS) for call in calls))


def _refuse(call: str, error: int) -> bytes:
    return _instruction(_EQUAL, number_of(call), 0, 1) + _instruction(_RETURN, _ERROR | error)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _load(rules: bytes) -> None:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.load(_instruction(_LOAD, _NUMBER) + rules + _instruction(_RETURN, _ALLOW))


def pretend_another_machine() -> None:
    """As the 32-bit machine that this one can be, too (linux/personality.h)."""
    kernel.syscall(number_of("personality"), _LINUX32)
