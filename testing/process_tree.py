"""Processes as /proc shows them. A pid may be reused: only pid and start time together identify a process."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

PATIENCE_SECONDS = 300.0


@dataclass(frozen=True)
class Seen:
    pid: int
    started: int
    command: str

    def lives(self) -> bool:
        """Return whether the process still works: a zombie does not, and to reap it is up to the container."""
        found = _stat(self.pid)
        return found is not None and found[2] == self.started and found[0] != "Z"


def _stat(pid: int) -> tuple[str, int, int] | None:
    """Return state, parent and start time (in clock ticks since boot), or None if there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0], int(fields[1]), int(fields[19])


def see(pid: int) -> Seen | None:
    found = _stat(pid)
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Seen(pid, found[2], command) if found else None


def descendants(pid: int) -> list[Seen]:
    """Return all processes below `pid`, level by level."""
    parents = {
        int(name): stat[1] for name in os.listdir("/proc") if name.isdigit() and (stat := _stat(int(name)))
    }
    found, level = [], {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level}
        found += [process for child in level if (process := see(child))]
    return found


def until_gone(processes: list[Seen], seconds: float = PATIENCE_SECONDS) -> list[Seen]:
    """Wait until all have ended, for `seconds` at most; return those that still live then."""
    patience_ends = time.monotonic() + seconds
    while left := [process for process in processes if process.lives()]:
        if time.monotonic() > patience_ends:
            return left
        time.sleep(0.05)
    return []


def listening(processes: list[Seen]) -> set[tuple[str, int]]:
    """Return the (address, port) of every IPv4 TCP socket on which the processes accept connections."""
    inodes = {inode for process in processes for inode in _sockets(process.pid)}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {_address(row[1]) for row in rows if row[3] == "0A" and row[9] in inodes}


def _sockets(pid: int) -> list[str]:
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(link)
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            found.append(target[8:-1])
    return found


def _address(text: str) -> tuple[str, int]:
    """Parse an address as the kernel prints it: four bytes in reverse order and the port, all hexadecimal."""
    host, port = text.split(":")
    return ".".join(str(byte) for byte in reversed(bytes.fromhex(host))), int(port, 16)
