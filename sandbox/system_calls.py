"""The numbers of the system calls that guest and probe make themselves, on each kind of machine with a filter.

From Linux' syscall_64.tbl and asm-generic/unistd.h. Calls that were added after 2019, Landlock's among them, have the
same number everywhere.
"""

from __future__ import annotations

import os

BY_MACHINE = {
    "x86_64": {
        "clone": 56,
        "capset": 126,
        "pivot_root": 155,
        "keyctl": 250,
        "unshare": 272,
        "seccomp": 317,
        "bpf": 321,
        "userfaultfd": 323,
        "io_uring_setup": 425,
    },
    "aarch64": {
        "pivot_root": 41,
        "capset": 91,
        "unshare": 97,
        "keyctl": 219,
        "clone": 220,
        "seccomp": 277,
        "bpf": 280,
        "userfaultfd": 282,
        "io_uring_setup": 425,
    },
}
MACHINE = os.uname().machine
NUMBERS = BY_MACHINE.get(MACHINE, {})
