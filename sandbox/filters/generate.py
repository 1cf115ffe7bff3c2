"""Writes a seccomp filter for each kind of machine, MACHINE.bpf.

    python -m sandbox.filters.generate

Needs pyseccomp and libseccomp, which nothing needs at run time. A system call that is not listed here fails with
ENOSYS, as on an older kernel, so that libraries fall back.
"""

from __future__ import annotations

import errno
import itertools
import os
import socket
import tempfile
from pathlib import Path

import pyseccomp
from pyseccomp import EQ, MASKED_EQ, Arg

from sandbox.guest.seccomp import NETWORK_FD, OWN_PID

READ_AND_WRITE = """read write readv writev pread64 pwrite64 preadv pwritev lseek close close_range fsync fdatasync
    ftruncate fallocate copy_file_range sendfile pipe pipe2 dup dup2 dup3 eventfd2"""
FILES = """access faccessat faccessat2 stat lstat fstat newfstatat statx statfs fstatfs getdents64
    getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 readlink readlinkat umask"""
WAITING = """poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
    nanosleep clock_nanosleep pause alarm setitimer getitimer restart_syscall wait4 waitid"""
MEMORY = "mmap munmap mprotect mremap msync brk madvise membarrier"
SIGNALS = "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack"
THREADS = "futex futex_waitv set_robust_list get_robust_list rseq set_tid_address exit exit_group sched_yield"
WHO_AND_WHEN = """getpid gettid getppid getuid geteuid getgid getegid getgroups getresuid getresgid getpgrp getpgid
    getsid getrusage getrlimit times sysinfo uname getrandom capget clock_gettime clock_getres gettimeofday time
    sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getpriority
    getcpu"""
# recvmsg and sendmsg are missing on purpose: they can pass file descriptors. Only the network's connections come so.
SOCKET = "recvfrom shutdown getsockname getpeername"

# Path permissions are outside Landlock's reach, and without a user namespace the script may own files of the
# worker. An error would break shutil.copy, so these succeed without doing anything. So do locks: on a file that scripts
# share they would hold up others, and the script, being one process, has nobody to lock out of its own files.
PRETENDED = (
    """chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat flock"""
)

# shutil.copytree and copy2 take this for a file system without extended attributes; no other error satisfies them.
UNSUPPORTED = "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr"

# truncate: Landlock handles it only from its third version on (kernel 6.2). ftruncate is allowed, because it needs a
# descriptor that was opened for writing.
REFUSED = """
    truncate
    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_open pidfd_getfd pidfd_send_signal
    mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr setns unshare
    bpf perf_event_open userfaultfd keyctl add_key request_key io_uring_setup io_uring_enter io_uring_register
    init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl iopl ioperm
    modify_ldt personality syslog open_by_handle_at name_to_handle_at
    execve execveat fork vfork setsid setpgid
    bind connect listen accept accept4 sendmsg sendmmsg recvmmsg
    memfd_create memfd_secret mlock mlock2 mlockall mbind set_mempolicy migrate_pages move_pages
    shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop semtimedop semctl
    mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
    link linkat symlink symlinkat mknod mknodat setxattr lsetxattr fsetxattr removexattr lremovexattr
    fremovexattr inotify_init inotify_init1 fanotify_init fanotify_mark splice tee vmsplice signalfd signalfd4
    timer_create timerfd_create lookup_dcookie
    setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset setrlimit
    setpriority sched_setaffinity sched_setscheduler sched_setparam sched_setattr ioprio_set
    rt_sigqueueinfo rt_tgsigqueueinfo tkill seccomp
    landlock_create_ruleset landlock_add_rule landlock_restrict_self
    settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname"""

# Named as in `uname -m`. A filter kills a process that makes system calls by another machine's numbers.
MACHINES = {"x86_64": pyseccomp.Arch.X86_64, "aarch64": pyseccomp.Arch.AARCH64}

_CLONE_THREAD = 0x10000
_CLONE_NEW_ANYTHING = 0x7E020080
# Descriptors, status flags, and whether there is a lock; no locks of open files, leases, signals, pipe sizes.
_FCNTL = (0, 1, 2, 3, 4, 5, 1030, 1032)
_PRETENDED_FCNTL = (6, 7)  # set a lock, and wait for it
_IOCTL = (
    0x5401,
    0x5413,
    0x541B,
    0x5421,
    0x5450,
    0x5451,
)  # is it a terminal, FIONREAD, FIONBIO, close-on-exec
_SOL_SOCKET = socket.SOL_SOCKET
_TCP_OPTIONS = (1, 4, 5, 6, 12, 18)  # no delay, keep-alive, quick acknowledgements, user time-out
# By level. Of sockets: type, error, buffer sizes, keep-alive, protocol, domain; no SO_PEERPIDFD.
_READ_OPTIONS = {_SOL_SOCKET: (3, 4, 7, 8, 9, 38, 39), socket.IPPROTO_TCP: _TCP_OPTIONS}
# Reuse of addresses, which means nothing here but which libraries set; buffer sizes; keep-alive.
_WRITTEN_OPTIONS = {_SOL_SOCKET: (2, 7, 8, 9), socket.IPPROTO_TCP: _TCP_OPTIONS}
_PRCTL = (3, 15, 16)  # dumpable?, set and get the thread's name
_MSG_OOB, _MSG_FASTOPEN = 1, 0x20000000
_ACCESS_MODE, _TRUNCATE = 0o3, 0o1000
_SOCKET_KIND = 0xF
_ANY_BIT = (1 << 64) - 1


def build(machine: str) -> bytes:
    """Return the filter for `machine`, which need not be this one. Calls that it doesn't have are left out."""
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.ENOSYS))
    if MACHINES[machine] != pyseccomp.system_arch():
        rules.add_arch(MACHINES[machine])
        rules.remove_arch(pyseccomp.Arch.NATIVE)
    rules.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)
    rules.set_attr(pyseccomp.Attr.CTL_OPTIMIZE, 2)
    for group in (READ_AND_WRITE, FILES, WAITING, MEMORY, SIGNALS, THREADS, WHO_AND_WHEN, SOCKET):
        for name in group.split():
            rules.add_rule(pyseccomp.ALLOW, name)
    for name in PRETENDED.split():
        _add_if_known(rules, pyseccomp.ERRNO(0), name)
    for name in UNSUPPORTED.split():
        _add_if_known(rules, pyseccomp.ERRNO(errno.EOPNOTSUPP), name)
    for name in REFUSED.split():
        _add_if_known(rules, pyseccomp.ERRNO(errno.EPERM), name)
    _allow_by_argument(rules)
    return _export(rules)


def _allow_by_argument(rules: pyseccomp.SyscallFilter) -> None:
    allow = pyseccomp.ALLOW
    thread = Arg(0, MASKED_EQ, _CLONE_THREAD | _CLONE_NEW_ANYTHING, _CLONE_THREAD)
    rules.add_rule(allow, "clone", thread)
    rules.add_rule(allow, "kill", Arg(0, EQ, OWN_PID))
    rules.add_rule(allow, "tgkill", Arg(0, EQ, OWN_PID))
    rules.add_rule(allow, "prlimit64", Arg(2, EQ, 0))  # may read limits, not set them
    # asyncio wakes itself through a stream pair; a datagram pair could write to any socket by its address.
    rules.add_rule(allow, "socketpair", Arg(0, EQ, socket.AF_UNIX), Arg(1, MASKED_EQ, _SOCKET_KIND, 1))
    rules.add_rule(allow, "sendto", Arg(3, MASKED_EQ, _MSG_OOB | _MSG_FASTOPEN, 0), Arg(4, EQ, 0))
    for command in _PRETENDED_FCNTL:
        rules.add_rule(pyseccomp.ERRNO(0), "fcntl", Arg(1, EQ, command))
    _allow_sockets(rules)
    _allow_to_open(rules)
    for name, position, values in (
        ("fcntl", 1, _FCNTL),
        ("ioctl", 1, _IOCTL),
        ("prctl", 0, _PRCTL),
    ):
        for value in values:
            rules.add_rule(allow, name, Arg(position, EQ, value))


def _allow_sockets(rules: pyseccomp.SyscallFilter) -> None:
    """Allow what libraries do with TCP sockets before and after the host puts a connection in their place."""
    for family, protocol in itertools.product((socket.AF_INET, socket.AF_INET6), (0, socket.IPPROTO_TCP)):
        stream = Arg(
            1, MASKED_EQ, _ANY_BIT & ~(socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC), socket.SOCK_STREAM
        )
        rules.add_rule(pyseccomp.ALLOW, "socket", Arg(0, EQ, family), stream, Arg(2, EQ, protocol))
    rules.add_rule(pyseccomp.ALLOW, "recvmsg", Arg(0, EQ, NETWORK_FD))
    for call, allowed in (("getsockopt", _READ_OPTIONS), ("setsockopt", _WRITTEN_OPTIONS)):
        for level, options in allowed.items():
            for option in options:
                rules.add_rule(pyseccomp.ALLOW, call, Arg(1, EQ, level), Arg(2, EQ, option))


def _allow_to_open(rules: pyseccomp.SyscallFilter) -> None:
    """Allow opening, except O_RDONLY with O_TRUNC: Landlock before version 3 lets that empty a readable file."""
    for name, position in (("open", 1), ("openat", 2)):
        rules.add_rule(pyseccomp.ALLOW, name, Arg(position, MASKED_EQ, _TRUNCATE, 0))
        for mode in (os.O_WRONLY, os.O_RDWR):
            flags = Arg(position, MASKED_EQ, _ACCESS_MODE | _TRUNCATE, mode | _TRUNCATE)
            rules.add_rule(pyseccomp.ALLOW, name, flags)


def _add_if_known(rules: pyseccomp.SyscallFilter, action: int, name: str) -> None:
    """Add a rule, except for a name too new for this libseccomp: its call falls under the default, ENOSYS."""
    try:
        rules.add_rule(action, name)
    except (OSError, RuntimeError, ValueError):
        print(f"unknown to this libseccomp: {name}")


def _export(rules: pyseccomp.SyscallFilter) -> bytes:
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


if __name__ == "__main__":
    for machine in MACHINES:
        target = Path(__file__).with_name(f"{machine}.bpf")
        target.write_bytes(build(machine))
        print(f"{target.name}: {target.stat().st_size // 8} instructions")
