"""Processes by /proc. A pid alone may be somebody else's by now: pid and start time are one process."""

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
        """A zombie does nothing any more, and who is to collect it is the container's business."""
        found = _stat(self.pid)
        return found is not None and found[2] == self.started and found[0] != "Z"


def _stat(pid: int) -> tuple[str, int, int] | None:
    """State, parent, start time."""
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
    """Everything below it."""
    parents = {
        int(name): stat[1] for name in os.listdir("/proc") if name.isdigit() and (stat := _stat(int(name)))
    }
    found, level = [], {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level}
        found += [process for child in level if (process := see(child))]
    return found


def until_gone(processes: list[Seen], seconds: float = PATIENCE_SECONDS) -> list[Seen]:
    """Those that still live when the time is up."""
    patience_ends = time.monotonic() + seconds
    while left := [process for process in processes if process.lives()]:
        if time.monotonic() > patience_ends:
            return left
        time.sleep(0.05)
    return []


def listening(processes: list[Seen]) -> set[tuple[str, int]]:
    """(address, port) of every TCP socket on which they accept connections."""
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
    """As the kernel prints it: four bytes in reverse, hexadecimal."""
    host, port = text.split(":")
    return ".".join(str(byte) for byte in reversed(bytes.fromhex(host))), int(port, 16)
