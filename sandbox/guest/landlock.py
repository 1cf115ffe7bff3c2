"""Landlock by ctypes (linux/landlock.h): files, TCP, abstract sockets and signals, denied unless granted."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from sandbox.guest import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_MOVE, _TRUNCATE = 1 << 13, 1 << 14

READ = _READ_FILE | _READ_DIR
LIST = _READ_DIR
# No links, sockets, pipes or devices: they could mislead the host when it cleans up after the script.
WORK = READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_FILE | _MOVE | _TRUNCATE
DEVICE = _READ_FILE | _WRITE_FILE

_FOR_FILES = DEVICE | _TRUNCATE
# Rights on files known to each ABI version; later versions added other kinds.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}


def abi() -> int:
    """Return the kernel's Landlock version; 0 if it has none or it is off."""
    try:
        return kernel.syscall(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def build(rules: Iterable[tuple[str, int]]) -> int:
    """Return the file descriptor of a ruleset that grants these rights on these paths.

    Paths that don't exist are left out: they can't be read anyway. Raises OSError if the kernel has no Landlock.
    """
    version = abi()
    if version < 1:
        raise OSError("the kernel offers no Landlock")
    handled = (1 << _FILE_RIGHTS[min(version, 5)]) - 1
    network = 0b11 if version >= 4 else 0  # bind and connect by TCP
    scoped = 0b11 if version >= 6 else 0  # abstract sockets, signals
    attributes = struct.pack("QQQ", handled, network, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = kernel.syscall(_CREATE_RULESET, ctypes.create_string_buffer(attributes, 24), size, 0)
    for path, rights in rules:
        _allow(ruleset, path, rights & handled)
    return ruleset


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _FOR_FILES
        if rights:
            rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, handle), 12)
            kernel.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(handle)


def enforce(ruleset: int) -> None:
    """Restrict this process for good. Needs no_new_privs."""
    kernel.syscall(_RESTRICT_SELF, ruleset, 0)
