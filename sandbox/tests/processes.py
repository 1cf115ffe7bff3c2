"""Looks at this process's descendants through /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

_PATIENCE_SECONDS = 300


def family() -> list[int]:
    """Descendants that are no zombies, parents before their children."""
    parents = _parents()
    found = [os.getpid()]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


def _parents() -> dict[int, int]:
    parents = {}
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, *_ = (directory / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended under our eyes
            continue
        if state != "Z":
            parents[int(directory.name)] = int(parent)
    return parents


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def wait_until_gone(pids: Iterable[int]) -> None:
    """Raises TimeoutError after five minutes."""
    remaining = set(pids)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while remaining := remaining & set(_parents()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still there: {remaining}")
        time.sleep(0.01)
