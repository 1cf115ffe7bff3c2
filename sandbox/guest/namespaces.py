"""User, mount, pid, network, ipc, uts and cgroup namespaces, entered once by the zygote."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Mapping, Sequence

from sandbox.guest import kernel, privileges
from sandbox.system_calls import NUMBERS

_NEW_NS, _NEW_CGROUP, _NEW_UTS, _NEW_IPC = 0x20000, 0x02000000, 0x04000000, 0x08000000
_NEW_USER, _NEW_PID, _NEW_NET = 0x10000000, 0x20000000, 0x40000000
_ALL = _NEW_NS | _NEW_CGROUP | _NEW_UTS | _NEW_IPC | _NEW_USER | _NEW_PID | _NEW_NET

WORK_PARENT = "/box"
WORK_DIR = "/box/work"
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_LINKS = ("/lib", "/lib64")
_QUIET = kernel.MS_NOSUID | kernel.MS_NODEV


class NamespacesDeniedError(Exception):
    """This host provides no namespaces; the message names the step that failed."""


def enter(read_only: Mapping[str, str], hidden: Sequence[str]) -> None:
    """Return in a child that is pid 1 of its own namespaces, in a root of the `read_only` paths less the `hidden` ones.

    `read_only` maps each path in the new root to the path of the host that it shows.

    The calling process never returns: it waits for that child and ends with it. Raises NamespacesDeniedError in the
    calling process when a step fails; nothing has changed then.
    """
    outside, inside = socket.socketpair()
    try:
        # A fork into new namespaces. With unshare() no process would be left outside to write the id maps.
        pid = kernel.syscall(NUMBERS["clone"], _ALL | signal.SIGCHLD, 0, 0, 0, 0)
    except OSError as error:
        outside.close()
        inside.close()
        raise NamespacesDeniedError(f"clone: {error.strerror}") from error
    if pid == 0:
        outside.close()
        _settle_inside(inside, read_only, hidden)
        return
    inside.close()
    _stay_outside(pid, outside)


def _stay_outside(pid: int, channel: socket.socket) -> None:
    try:
        _write_id_maps(pid)
        channel.send(b"m")
        problem = channel.recv(4096).decode()
    except OSError as error:
        problem = str(error) or "?"
    channel.close()
    if problem == "ok":
        os.closerange(0, 1024)  # above all the control socket: its end of file shows the host a death
        os.waitpid(pid, 0)
        os._exit(0)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise NamespacesDeniedError(problem or "the new namespace died")


def _write_id_maps(pid: int) -> None:
    """Write the id maps of the child's user namespace.

    As root, root and nobody are mapped (root only to build the namespace); otherwise the one id that an ordinary user
    may map.
    """
    user, group, nobody = os.geteuid(), os.getegid(), privileges.NOBODY
    maps: tuple[tuple[str, str], ...]
    if user == 0:
        maps = (("uid_map", f"0 0 1\n{nobody} {nobody} 1"), ("gid_map", f"0 0 1\n{nobody} {nobody} 1"))
    else:
        maps = (("setgroups", "deny"), ("uid_map", f"{nobody} {user} 1"), ("gid_map", f"{nobody} {group} 1"))
    for name, text in maps:
        with open(f"/proc/{pid}/{name}", "w") as file:
            file.write(text)


def _settle_inside(channel: socket.socket, read_only: Mapping[str, str], hidden: Sequence[str]) -> None:
    """Build the new root and drop privileges.

    Any fault is reported to the parent, which goes on without namespaces, and ends this process.
    """
    try:
        if channel.recv(1) != b"m":
            raise OSError("no id maps")
        socket.sethostname("sandbox")
        _build_root(read_only, hidden)
        privileges.close_the_way_back()
        if os.geteuid() == 0:
            privileges.become_nobody(keep=(privileges.CAP_SYS_ADMIN,))
        else:
            privileges.hold_only((privileges.CAP_SYS_ADMIN,))
        channel.send(b"ok")
        channel.close()
    except BaseException as error:
        channel.send(f"{type(error).__name__}: {error}".encode()[:4096])
        os._exit(1)


def _build_root(read_only: Mapping[str, str], hidden: Sequence[str]) -> None:
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    # The sources are opened before anything is mounted: one may lie under the directory that the new root hides.
    sources = [
        (path, os.open(source, os.O_PATH | os.O_CLOEXEC))
        for path, source in (*read_only.items(), *((device, device) for device in DEVICES))
        if os.path.exists(source)
    ]
    links = [(link, os.readlink(link)) for link in _LINKS if os.path.islink(link)]
    root = "/tmp"  # noqa: S108 - any directory that exists everywhere; hidden in this namespace only
    kernel.mount("tmpfs", root, "tmpfs", _QUIET, "size=1m,nr_inodes=2048,mode=755")
    for path, source in sources:
        _bind(source, path, root + path)
        os.close(source)
    for path in hidden:
        kernel.mount("tmpfs", root + path, "tmpfs", _QUIET | kernel.MS_RDONLY, "size=4k,mode=755")
    for link, target in links:
        if not os.path.lexists(root + link):
            os.symlink(target, root + link)
    os.makedirs(root + WORK_DIR)
    os.symlink(WORK_DIR, root + "/tmp")  # noqa: S108  each script's own
    os.chdir(root)
    if kernel.libc.syscall(NUMBERS["pivot_root"], b".", b".") != 0:
        raise OSError("pivot_root was refused")
    kernel.unmount(".")
    os.chdir("/")
    kernel.mount("", "/", "", kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | _QUIET)


def _bind(source: int, path: str, target: str) -> None:
    handle = f"/proc/self/fd/{source}"
    device = path in DEVICES
    if os.path.isdir(handle):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w"):
            pass
    kernel.mount(handle, target, "", kernel.MS_BIND | kernel.MS_REC)
    if not device:
        # A user namespace may add flags to a mount but not take any away.
        kept = os.statvfs(target).f_flag & (_QUIET | kernel.MS_NOEXEC)
        kernel.mount("", target, "", kernel.MS_BIND | kernel.MS_REMOUNT | kernel.MS_RDONLY | _QUIET | kept)


def mount_work_dir(disk_mb: int) -> None:
    kernel.mount(
        "tmpfs", WORK_DIR, "tmpfs", _QUIET | kernel.MS_NOEXEC, f"size={disk_mb}m,nr_inodes=4096,mode=700"
    )


def unmount_work_dir() -> None:
    kernel.unmount(WORK_DIR)
