"""Runs inside the jail, never outside: tries to get out and sets `result` to {attempt: whether it succeeded}."""

import ctypes
import mmap
import os
import socket
from collections.abc import Callable

get_param = globals()["get_param"]  # from the SDK
CANARY: str = get_param("canary")
CALLS: dict[str, int] = get_param("calls")  # the numbers that they have on this machine
libc = ctypes.CDLL(None, use_errno=True)

NEW_USER = 0x10000000
EPERM = 1


def past_filter(call: str, *arguments: int | None) -> None:
    """Make a system call. Passing the filter is a success for the attacker, however the kernel then answers."""
    if libc.syscall(CALLS[call], *arguments) == -1 and ctypes.get_errno() == EPERM:
        raise PermissionError


def fork() -> None:
    """Try to fork by the C library: in place of Python's own function stands one that refuses in words."""
    pid = libc.fork()
    if pid == 0:
        os._exit(0)
    if pid < 0:
        raise PermissionError
    os.wait()


def start_program() -> None:
    arguments = (ctypes.c_char_p * 2)(b"true")
    libc.execv(b"/bin/true", arguments)
    if ctypes.get_errno() != EPERM:  # as when no such program can be seen: the filter let it pass
        return
    raise PermissionError


def see_processes() -> None:
    """Check whether processes of the host can be seen: in a namespace, this script's parent, the zygote, is pid 1."""
    if os.getppid() == 1:
        raise ProcessLookupError


def see_name() -> None:
    if os.uname().nodename == "sandbox":
        raise OSError


def escapes(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError, ValueError):
        return False
    return True


ATTEMPTS = {
    "read a file of the host": lambda: open(CANARY).close(),
    "write a file of the host": lambda: open(CANARY, "r+").close(),
    "empty a file of the host": lambda: os.truncate(CANARY, 0),
    "empty a file by reading it": lambda: os.close(os.open(CANARY, os.O_RDONLY | os.O_TRUNC)),
    "make a file on the host": lambda: open(CANARY + ".made", "x").close(),
    "list the root directory": lambda: os.listdir("/"),
    "fork": fork,
    "start a program": start_program,
    "signal its parent": lambda: os.kill(os.getppid(), 0),
    "open a port": lambda: socket.socket().bind(("127.0.0.1", 0)),
    "open a socket for datagrams": lambda: socket.socket(type=socket.SOCK_DGRAM).close(),
    "open a pair of sockets for datagrams": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
    "hold memory that isn't counted": lambda: os.close(os.memfd_create("m")),
    "map more memory than it may": lambda: mmap.mmap(-1, 1 << 40),
    "use io_uring": lambda: past_filter("io_uring_setup", 1, None),
    "use the kernel's keyrings": lambda: past_filter("keyctl", 0, -3, 1),
    "make namespaces": lambda: past_filter("unshare", NEW_USER),
    "load a BPF program": lambda: past_filter("bpf", 0, None, 0),
    "handle page faults": lambda: past_filter("userfaultfd", 0),
    "see a file of the host": lambda: os.stat(CANARY),
    "see the host's processes": see_processes,
    "see the host's name": see_name,
}

result = {name: escapes(attempt) for name, attempt in ATTEMPTS.items()}
