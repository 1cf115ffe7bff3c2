"""The lock that lets only one `up` use a data dir."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from platform_site.config.data_dir import VARIABLE
from platform_site.config.env import SettingError

PATIENCE_SECONDS = 5.0  # a killed supervisor's guards hold the lock until they have cleaned up


def take_lock(folder: Path) -> int:
    """Take the lock and return its file descriptor. Raises SettingError where another `up` holds it.

    The lock is held as long as any process has the descriptor open, even after our own end.
    """
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    patience_ends = time.monotonic() + PATIENCE_SECONDS
    while not _is_taken(fd):
        if time.monotonic() > patience_ends:
            pid = os.pread(fd, 20, 0).decode().strip()
            raise SettingError(VARIABLE, f"{folder} is in use by another `up` (process {pid})")
        time.sleep(0.1)
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd


def _is_taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
